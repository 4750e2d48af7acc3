//! Every exit code by a situation that brings it about.

use super::support::{Place, steady};

#[test]
fn what_conforms_is_0_and_what_does_not_is_1() {
    let place = Place::new();
    steady(|| insta::assert_snapshot!("run-conforms", place.run(&["-j1"]).done().shown()));
    let broken = ["--target", "reference?fault=create.client-permissions-accepted", "-j1", "keys"];
    steady(|| insta::assert_snapshot!("run-does-not-conform", place.run(&broken).done().shown()));
}

#[test]
fn a_bundled_fault_is_named_by_the_bundled_suite() {
    let place = Place::new();
    let args =
        ["run", "create.client-permissions", "--target", "reference?fault=create.client-permissions-accepted", "-q"];
    place.keyspec(&args).done().exits(1).says("FAIL create.client-permissions.rejected");
}

#[test]
fn wrong_usage_is_2() {
    let place = Place::new();
    let cases: &[(&[&str], &str)] = &[
        (&["run", "--no-such-option"], "--no-such-option"),
        (&["run", "--target", "refrence"], "did you mean `reference`?"),
        (&["run", "--target", "better-auth"], "names no release"),
        (
            &["run", "--target", "reference?fault=create.client-permisions-accepted"],
            "create.client-permissions-accepted",
        ),
        (&["run", "--target", "http://192.0.2.1:3000/api/auth"], "--allow-host 192.0.2.1:3000"),
        (&["run", "--target", "http://me:hunter22@127.0.0.1/api/auth"], "deployment file"),
        (&["run", "--target", "absent.toml"], "absent.toml"),
        (&["run", "--target", "adapter:"], "name a command or a folder"),
        (&["run", "--timeout", "0"], "--timeout"),
        (&["run", "--timeout=-1"], "--timeout"),
        (&["run", "--timeout", "NaN"], "--timeout"),
        (&["run", "--shard", "3/2"], "1/4"),
        (&["run", "--profile", "cor"], "cor"),
        (&["run", "--level", "musst"], "musst"),
        (&["run", "--report", "junti=x"], "did you mean `junit`?"),
        (&["run", "--report", "json"], "FORMAT=PATH"),
        (&["run", "--allow-host", "example.com"], "HOST:PORT"),
        (&["run", "--expectations", "absent.toml"], "absent.toml"),
        (&["run", "--scenarios", "absent"], "absent"),
        (&["run", "-q", "-v"], "cannot be used with"),
        (&["rnu"], "rnu"),
        (&[], "Usage"),
    ];
    for (args, part) in cases {
        let done = place.keyspec(args).done().exits(2).says(part);
        assert_eq!(done.out, "", "{args:?} writes its complaint to standard output");
        assert!(!done.err.contains("hunter22"), "{}", done.err);
    }
}

#[test]
fn what_cannot_be_reached_or_started_is_3() {
    let place = Place::new();
    place.run(&["--target", "http://127.0.0.1:9/api/auth"]).done().exits(3).says("cannot connect to 127.0.0.1:9");
    place
        .run(&["--target", "adapter:no-such-program --x"])
        .done()
        .exits(3)
        .says("cannot start the adapter `no-such-program`");
    place.write("port/adapter.toml", "command = ['no-such-program']\nsetup = ['make', 'program']\n");
    place.run(&["--target", "adapter:port"]).done().exits(3).says("set it up with: make program");
}

#[test]
fn a_release_without_node_is_3() {
    let place = Place::new();
    let empty = place.path("bin");
    std::fs::create_dir(&empty).unwrap();
    let done = place.run(&["--target", "better-auth@1.7.5"]).env("PATH", &empty).done().exits(3);
    done.says("`node` was not found: Better Auth needs Node.js 20 or newer");
}

#[test]
fn nothing_selected_or_observed_is_4() {
    let place = Place::new();
    place.run(&["keys.create.retuned"]).done().exits(4).says("near to it: keys.create.returned");
    place.run(&["zzz"]).done().exits(4).says("`keyspec list` shows all");
    place.keyspec(&["run", "no.such.check"]).done().exits(4).says("`no.such.check` selects nothing");
    place
        .keyspec(&["run", "create.client-permission-rejected"])
        .done()
        .exits(4)
        .says("create.client-permissions.rejected");
    place.run(&["extra"]).done().exits(4).says("the target does not declare openapi");
    place.run(&["--profile", "organizations"]).done().exits(4);
    place.run(&["--max-fail", "0"]).done().exits(4).says("--max-fail 0 was reached");
}

#[test]
fn an_early_end_of_the_reader_is_no_failure() {
    let place = Place::new();
    let mut process = place.keyspec(&["list", "checks"]).spawn();
    drop(process.stdout.take());
    assert_eq!(super::support::finish(process).code, 0);
}

#[test]
fn help_and_version_are_0_and_show_what_there_is() {
    let place = Place::new();
    for args in [&["--help"][..], &["--version"], &["help", "run"], &["run", "-h"], &["adapter", "check", "--help"]] {
        let done = place.keyspec(args).done().exits(0);
        assert!(!done.out.is_empty() && done.err.is_empty(), "{args:?}: {}", done.err);
    }
    steady(|| insta::assert_snapshot!("help", place.keyspec(&["--help"]).done().out));
    steady(|| insta::assert_snapshot!("help-run", place.keyspec(&["run", "--help"]).done().out));
}
