//! The fuzz targets on a stable compiler: every committed seed and every input that once broke a property is replayed.
//! `UPDATE=1 cargo test --test fuzz_seeds` writes the seeds; `CORPUS=1` replays what a fuzzer has found here as well.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use keyspec::fuzz::{EMPTY, TARGETS, Target};
use libtest_mimic::{Arguments, Failed, Trial};
use sha2::{Digest as _, Sha256};

/// Inputs that once broke a property have names that begin so. They are not made by `seeds`.
const REGRESSION: &str = "regression-";

fn main() {
    let arguments = Arguments::from_args();
    if std::env::var_os("UPDATE").is_some() {
        TARGETS.iter().for_each(write_seeds);
    }
    let replays = TARGETS.iter().map(|target| Trial::test(format!("{} replays", target.name), || replay(target)));
    let current =
        TARGETS.iter().map(|target| Trial::test(format!("{} has its seeds", target.name), || has_seeds(target)));
    let house = [
        Trial::test("every target is in its places", every_target_is_in_its_places),
        Trial::test("every target is a program of the fuzz workspace", every_target_is_a_program),
        Trial::test("dictionaries are what libFuzzer reads", dictionaries_are_readable),
        Trial::test("empty replays", || {
            (EMPTY.seeds)().iter().for_each(|seed| (EMPTY.run)(seed));
            Ok(())
        }),
    ];
    libtest_mimic::run(&arguments, replays.chain(current).chain(house).collect()).exit();
}

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz")
}

fn folder(target: &Target) -> PathBuf {
    fuzz().join("seeds").join(target.name)
}

fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The names in a folder without this ending; others are left out.
fn names(folder: &str, ending: &str) -> BTreeSet<String> {
    let entries = std::fs::read_dir(fuzz().join(folder)).unwrap_or_else(|error| panic!("fuzz/{folder}: {error}"));
    let names = entries.map(|entry| entry.unwrap_or_else(|error| panic!("{error}")).file_name());
    names.filter_map(|name| Some(name.to_string_lossy().strip_suffix(ending)?.to_owned())).collect()
}

/// The committed inputs of a target by name.
fn committed(target: &Target) -> BTreeMap<String, Vec<u8>> {
    let names = names(&format!("seeds/{}", target.name), "");
    names.into_iter().map(|name| (name.clone(), read(&folder(target).join(name)))).collect()
}

/// The seeds as they are made, named by their content.
fn made(target: &Target) -> BTreeMap<String, Vec<u8>> {
    let name = |seed: &[u8]| Sha256::digest(seed).iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    (target.seeds)().into_iter().map(|seed| (name(&seed), seed)).collect()
}

fn write_seeds(target: &Target) {
    let write = || -> std::io::Result<()> {
        std::fs::create_dir_all(folder(target))?;
        for name in committed(target).into_keys().filter(|name| !name.starts_with(REGRESSION)) {
            std::fs::remove_file(folder(target).join(name))?;
        }
        made(target).iter().try_for_each(|(name, seed)| std::fs::write(folder(target).join(name), seed))
    };
    write().unwrap_or_else(|error| panic!("{}: {error}", folder(target).display()));
}

/// What libFuzzer keeps on this machine.
fn corpus(target: &Target) -> BTreeMap<String, Vec<u8>> {
    let folder = fuzz().join("corpus").join(target.name);
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    files.map(|path| (path.display().to_string(), read(&path))).collect()
}

fn replay(target: &Target) -> Result<(), Failed> {
    let mut inputs = committed(target);
    if std::env::var_os("CORPUS").is_some() {
        inputs.extend(corpus(target));
    }
    let breaks = |input: &[u8]| std::panic::catch_unwind(|| (target.run)(input)).is_err();
    let broken: Vec<_> = inputs.iter().filter(|(_, input)| breaks(input)).map(|(name, _)| name.as_str()).collect();
    if inputs.is_empty() {
        return Err("no seeds".into());
    }
    if broken.is_empty() { Ok(()) } else { Err(format!("broken by {}", broken.join(", ")).into()) }
}

fn has_seeds(target: &Target) -> Result<(), Failed> {
    let mut committed = committed(target);
    committed.retain(|name, _| !name.starts_with(REGRESSION));
    let made = made(target);
    if made != self::made(target) {
        return Err("two calls made different seeds".into());
    }
    if !(10..=48).contains(&made.len()) {
        return Err(format!("{} seeds: too few or too many", made.len()).into());
    }
    if committed == made { Ok(()) } else { Err("the committed seeds are others: UPDATE=1 writes them".into()) }
}

fn every_target_is_in_its_places() -> Result<(), Failed> {
    let targets: BTreeSet<String> = TARGETS.iter().map(|target| target.name.to_owned()).collect();
    let mut programs = names("fuzz_targets", ".rs");
    let places = [
        ("seeds", names("seeds", "")),
        ("dictionaries", names("dictionaries", ".dict")),
        ("options", names("options", ".options")),
    ];
    for (place, found) in places {
        if found != targets {
            return Err(format!("fuzz/{place} has {found:?}, TARGETS {targets:?}").into());
        }
    }
    if !programs.remove(EMPTY.name) || programs != targets {
        return Err(format!("fuzz/fuzz_targets has {programs:?}, TARGETS {targets:?}").into());
    }
    Ok(())
}

fn every_target_is_a_program() -> Result<(), Failed> {
    let manifest: toml::Table = toml::from_str(&String::from_utf8(read(&fuzz().join("Cargo.toml")))?)?;
    let bins = manifest["bin"].as_array().ok_or("no programs")?;
    let found: Vec<&str> = bins.iter().filter_map(|bin| bin["name"].as_str()).collect();
    let wanted: Vec<&str> = TARGETS.iter().chain([&EMPTY]).map(|target| target.name).collect();
    if found != wanted {
        return Err(format!("fuzz/Cargo.toml has {found:?}, TARGETS {wanted:?}").into());
    }
    for name in wanted {
        let program = String::from_utf8(read(&fuzz().join("fuzz_targets").join(format!("{name}.rs"))))?;
        let own =
            format!("#![no_main]\n\nlibfuzzer_sys::fuzz_target!(|data: &[u8]| keyspec::fuzz::{name}::run(data));\n");
        if program != own {
            return Err(format!("fuzz_targets/{name}.rs does something else than run the target").into());
        }
    }
    Ok(())
}

/// A line is a comment or a text in quotes, with `\\`, `\"` and `\xAB` as its only escapes.
fn dictionaries_are_readable() -> Result<(), Failed> {
    let line = regex::Regex::new(r#"^([a-z0-9_]+=)?"([^"\\]|\\["\\]|\\x[0-9A-Fa-f]{2})+"$"#)?;
    for target in TARGETS {
        let text = String::from_utf8(read(&fuzz().join("dictionaries").join(format!("{}.dict", target.name))))?;
        let wrong = text.lines().filter(|one| !one.is_empty() && !one.starts_with('#')).find(|one| !line.is_match(one));
        if let Some(wrong) = wrong {
            return Err(format!("{}.dict: {wrong}", target.name).into());
        }
    }
    Ok(())
}
