//! keyspec's adapter for the crate `better-auth`, the design of its 1.0 alphas.

mod auth;
mod options;
mod preset;

use std::process::ExitCode;

use keyspec_adapter_kit::About;

fn main() -> ExitCode {
    keyspec_adapter_kit::run::<auth::Auth>(&About {
        name: "better-auth-rs",
        version: "1.0.0-alpha.5",
        url: "https://crates.io/crates/better-auth/1.0.0-alpha.5",
        edition: "1.7.6",
        capabilities: &[
            "server-calls",
            "actors",
            "multiple-configurations",
            "sessions-from-keys",
            "custom-functions",
            "organizations",
            "secondary-storage",
            "openapi",
        ],
        presets: preset::NAMES,
    })
}
