//! The binary carries the suite and the bundled adapter: it is built again when a file of theirs comes or goes.

fn main() {
    for folder in ["scenarios", "spec/requirements", "expectations", "adapters/better-auth"] {
        println!("cargo:rerun-if-changed={folder}");
    }
}
