//! `keyspec adapter check`: an adapter that is wired properly, and each way in which one is not.

use std::collections::BTreeMap;
use std::sync::Mutex;

use regex::Regex;

use super::support::{KEYSPEC, Place, at_once, steady};

#[test]
fn the_reference_is_wired_properly() {
    let place = Place::new();
    let done = place.keyspec(&["adapter", "check", &format!("adapter:{KEYSPEC} serve --adapter")]).done().exits(0);
    let shown = done.shown().replace(KEYSPEC, "keyspec");
    steady(|| insta::assert_snapshot!("adapter-check-right", shown));
    place.keyspec(&["adapter", "check"]).done().exits(0).says("is wired properly");
}

/// A mistake each, and what is said of it.
const MISTAKES: [&str; 33] = [
    "dies-at-hello",
    "hangs-at-hello",
    "rubbish-at-hello",
    "wrong-id-at-hello",
    "other-protocol",
    "misspelt-capability",
    "nameless",
    "unsupported-start",
    "always-dies-at-start",
    "no-base-url",
    "half-a-url",
    "slash",
    "not-loopback",
    "any-address",
    "port-closed",
    "no-base-path",
    "same-port",
    "shared-state",
    "config-ignored",
    "same-actor",
    "fails-at-actor",
    "no-headers",
    "stale-actor",
    "no-origin",
    "always-headers",
    "always-dies-at-call",
    "keys-hidden",
    "no-code",
    "mixed-ids",
    "unsupported-clock",
    "clock-stops",
    "clock-unused",
    "clock-shared",
];

const MORE_MISTAKES: [&str; 3] = ["clock-runs", "keeps-port", "error-for-unknown"];

#[test]
fn every_mistake_is_named_once_with_the_place_to_look_and_the_way_to_mend_it() {
    let told = Mutex::new(BTreeMap::new());
    let modes: Vec<_> = MISTAKES.into_iter().chain(MORE_MISTAKES).collect();
    for some in modes.chunks(6) {
        at_once(some.iter().copied(), |mode| {
            let place = Place::new();
            let target = place.proxy(mode);
            let patience = if mode == "hangs-at-hello" { "1" } else { "10" };
            let done = place.keyspec(&["adapter", "check", &target, "--timeout", patience]).done().exits(1);
            let lines: Vec<_> = done.out.lines().skip_while(|line| !line.starts_with("wrong")).collect();
            let wrong = lines.iter().filter(|line| line.starts_with("wrong")).count();
            assert_eq!(wrong, 1, "{mode}:\n{}", done.out);
            assert!(done.out.ends_with(&format!("{mode}: 1 mistake in the wiring\n")), "{}", done.out);
            let end = lines.iter().position(|line| line.trim_start().starts_with("to mend:")).unwrap();
            told.lock().unwrap().insert(mode, lines[..=end].join("\n"));
            place.assert_no_orphans();
        });
    }
    let told = told.into_inner().unwrap();
    let all: Vec<_> = modes.iter().map(|mode| format!("{mode}\n{}", told[mode])).collect();
    let ports = Regex::new(r"(0\.0\.0\.0|10\.0\.0\.1):\d+").unwrap();
    let counts = Regex::new(r"requests at once \d got").unwrap();
    let text = counts.replace_all(&all.join("\n\n"), "requests at once [n] got").into_owned();
    steady(|| insta::assert_snapshot!("adapter-check-mistakes", ports.replace_all(&text, "$1:[port]")));
}

#[test]
fn a_mistake_that_shows_in_two_places() {
    let place = Place::new();
    let target = place.proxy("seconds");
    let done = place.keyspec(&["adapter", "check", &target]).done().exits(1);
    done.says("years away").says("moved by 60000 ms, it is 60 ms further").says("2 mistakes in the wiring");
}

#[test]
fn what_is_not_declared_is_no_mistake() {
    let place = Place::new();
    let target = place.proxy("no-exact-clock");
    place.keyspec(&["adapter", "check", &target]).done().exits(0).says("is wired properly");
}

#[test]
fn a_url_has_no_adapter() {
    let place = Place::new();
    place.keyspec(&["adapter", "check", "http://127.0.0.1:9/api/auth"]).done().exits(3);
    place.keyspec(&["adapter", "check", "adapter:no-such-program"]).done().exits(3);
}

#[test]
fn what_an_adapter_says_cannot_paint_the_terminal() {
    let place = Place::new();
    let target = place.proxy("hostile-hello");
    let done = place.keyspec(&["adapter", "check", &target]).env("FORCE_COLOR", "1").done().exits(1);
    assert!(
        !done.out.contains("\u{1b}[31mred") && !done.out.contains(['\u{7}', '\u{202e}', '\r', '\0']),
        "{:?}",
        done.out
    );
    assert!(!done.out.lines().any(|line| line.starts_with("conforms")), "{}", done.out);
}

#[test]
fn an_adapter_is_prepared_before_each_start_and_told_where_the_cache_is() {
    let place = Place::new();
    let prepare = "test -n \"$KEYSPEC_CACHE\" && echo once >> prepared";
    let command = format!("test -f prepared && exec {KEYSPEC} serve --adapter");
    let toml = format!("command = ['sh', '-c', '{command}']\nprepare = ['sh', '-c', '{prepare}']\n");
    place.write("port/adapter.toml", &toml);
    for times in 1..=2 {
        place.keyspec(&["adapter", "check", "adapter:port"]).done().exits(0).says("is wired properly");
        assert_eq!(place.read("port/prepared").lines().count(), times);
    }
}

#[test]
fn an_adapter_that_cannot_be_prepared_is_not_started() {
    let place = Place::new();
    let toml = "command = ['touch', 'started']\nprepare = ['sh', '-c', 'echo no network here >&2; exit 7']\n";
    place.write("port/adapter.toml", toml);
    let done = place.keyspec(&["adapter", "check", "adapter:port"]).done().exits(3);
    done.says("could not prepare the adapter").says("no network here");
    assert!(!place.path("port/started").exists());
    place.write("port/adapter.toml", "command = ['true']\nprepare = ['no-such-program']\nsetup = ['make', 'it']\n");
    place.run(&["--target", "adapter:port"]).done().exits(3).says("set it up with: make it");
}
