//! keyspec's adapter for the crate `rustauth`.

mod auth;
mod options;
mod storage;

use std::process::ExitCode;

use keyspec_adapter_kit::About;

fn main() -> ExitCode {
    keyspec_adapter_kit::run::<auth::RustAuth>(&About {
        name: "rustauth",
        version: "0.3.0",
        url: "https://crates.io/crates/rustauth/0.3.0",
        edition: "1.6.9",
        capabilities: &[
            "server-calls",
            "actors",
            "multiple-configurations",
            "sessions-from-keys",
            "custom-functions",
            "organizations",
            "secondary-storage",
            "delayed-storage",
            "openapi",
        ],
        presets: options::PRESETS,
    })
}
