//! keyspec's adapter for the crate `better-auth` 0.10, the design before its 1.0 alphas.

mod auth;
mod options;

use std::process::ExitCode;

use keyspec_adapter_kit::About;

fn main() -> ExitCode {
    keyspec_adapter_kit::run::<auth::Auth>(&About {
        name: "better-auth-rs",
        version: "0.10.0",
        url: "https://crates.io/crates/better-auth/0.10.0",
        edition: "1.4.19",
        // No `server-calls`: all that the crate has for keys are its routes.
        capabilities: &["actors", "sessions-from-keys"],
        presets: &[],
    })
}
