//! keyspec as its users meet it: through the binary, with its streams, files, signals and exit codes.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod cli {
    mod adapter_check;
    mod attached_urls;
    mod docs;
    mod exit_codes;
    mod expectations;
    mod fuzz;
    mod interruption;
    mod matrix;
    mod minimal;
    mod misbehaving_adapters;
    mod mistakes;
    mod nouns;
    mod releases;
    mod replay;
    mod report;
    mod reports;
    mod secrets;
    mod selection;
    mod self_grant;
    mod streams;
    mod support;
    mod turns;
}
