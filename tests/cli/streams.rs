//! Results on standard output, everything else on standard error, colours where they are wanted.

use super::support::Place;

const COLOUR: &str = "\u{1b}[";

#[test]
fn without_a_terminal_there_is_no_progress_and_no_colour() {
    let place = Place::new();
    let done = place.run(&[]).done().exits(0);
    assert_eq!(done.err, "");
    assert!(!done.out.contains(COLOUR));
}

#[test]
fn colours_follow_the_option_then_the_environment() {
    let place = Place::new();
    let coloured = |args: &[&str], env: &[(&str, &str)]| {
        let keyspec = env.iter().fold(place.run(args), |keyspec, (name, value)| keyspec.env(name, value));
        keyspec.done().exits(0).out.contains(COLOUR)
    };
    assert!(coloured(&["--color", "always"], &[]));
    assert!(coloured(&["--color", "always"], &[("NO_COLOR", "1")]));
    assert!(coloured(&[], &[("FORCE_COLOR", "1")]));
    assert!(coloured(&[], &[("CLICOLOR_FORCE", "1")]));
    assert!(!coloured(&[], &[("FORCE_COLOR", "1"), ("NO_COLOR", "1")]));
    assert!(!coloured(&["--color", "never"], &[("FORCE_COLOR", "1")]));
    assert!(coloured(&[], &[("FORCE_COLOR", "1"), ("NO_COLOR", "")]), "an empty variable says nothing");
}

#[test]
fn mistakes_are_coloured_like_everything_else() {
    let place = Place::new();
    place.write("suite/a/b.yaml", "scenrio: x\n");
    let mistaken = || place.keyspec(&["run", "--scenarios", "suite"]);
    assert!(!mistaken().done().exits(2).err.contains(COLOUR));
    assert!(mistaken().env("FORCE_COLOR", "1").done().exits(2).err.contains(COLOUR));
    assert!(!mistaken().env("FORCE_COLOR", "1").env("NO_COLOR", "1").done().exits(2).err.contains(COLOUR));
}

#[test]
fn a_report_on_standard_output_has_it_for_itself() {
    let place = Place::new();
    let failing = ["--target", "reference?fault=create.client-permissions-accepted", "--color", "always"];
    let report = |wanted: &str| place.run(&failing).args(&["--report", wanted]).done().exits(1).out;
    let run: serde_json::Value = serde_json::from_str(&report("json=-")).unwrap();
    assert_eq!(run["summary"]["all"]["fail"], 1);
    for line in report("ndjson=-").lines() {
        assert!(serde_json::from_str::<serde_json::Value>(line).unwrap()["event"].is_string());
    }
    assert!(report("junit=-").starts_with("<?xml"));
    assert!(!place.path("-").exists());
}

#[test]
fn quiet_shows_findings_and_the_verdict_and_verbose_shows_every_check() {
    let place = Place::new();
    let quiet = place.run(&["-q"]).done().exits(0);
    assert_eq!(quiet.out.lines().count(), 1, "{}", quiet.out);
    let failing = ["-q", "--target", "reference?fault=create.client-permissions-accepted"];
    place.run(&failing).done().exits(1).says("FAIL keys.create.permissions-refused").says("blame: target");
    let verbose = place.run(&["-v"]).done().exits(0);
    for check in super::support::CHECKS {
        assert!(verbose.out.contains(check), "{check}");
    }
}

#[test]
fn a_report_that_cannot_be_written_takes_nothing_with_it() {
    let place = Place::new();
    place.write("file", "");
    let args =
        ["--report", "junit=file/run.xml", "--report", "ndjson=file/run.ndjson", "--report", "json=deep/er/run.json"];
    let done = place.run(&args).done().exits(3).says("cannot write file/run.xml");
    assert!(done.out.contains("conforms · 7 checks observed"), "{}", done.out);
    assert_eq!(place.json("deep/er/run.json")["complete"], true);
}
