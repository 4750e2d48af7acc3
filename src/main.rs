//! Parse arguments, call, exit code.

fn main() -> std::process::ExitCode {
    (keyspec::cli::main() as u8).into()
}
