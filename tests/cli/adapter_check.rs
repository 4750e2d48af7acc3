//! `keyspec adapter check`: an adapter that is wired properly, and each way in which one is not.

use super::support::{KEYSPEC, Place, at_once, steady};

#[test]
fn the_reference_is_wired_properly() {
    let place = Place::new();
    let done = place.keyspec(&["adapter", "check", &format!("adapter:{KEYSPEC} serve --adapter")]).done().exits(0);
    let shown = done.shown().replace(KEYSPEC, "keyspec");
    steady(|| insta::assert_snapshot!("adapter-check-right", shown));
    place.keyspec(&["adapter", "check"]).done().exits(0).says("is wired properly");
}

#[test]
fn every_mistake_is_named_once() {
    let cases = [
        ("misspelt-capability", "the protocol has no capability `server-call`; did you mean `server-calls`?"),
        ("nameless", "`implementation` needs a `name` and a `version`"),
        ("slash", "ends with a slash: leave it out"),
        ("not-loopback", "is not on loopback: listen on 127.0.0.1"),
        ("same-port", "two deployments have the same `baseUrl`"),
        ("mixed-ids", "replies must carry the `id` of their request"),
        ("same-actor", "two requests for one name give the same user"),
        ("always-headers", "are `headers` left out of the call when the request leaves them out?"),
        ("keeps-port", "still answers: close the port"),
        ("error-for-unknown", "must be answered `failure`"),
        ("unsupported-clock", "declared, but: there is no clock here"),
        ("fails-at-actor", "declared, but: the adapter failed at `actor`"),
        ("always-dies-at-call", "createApiKey: the adapter ended"),
        ("always-dies-at-start", "could not be started: the adapter ended"),
    ];
    at_once(cases, |(mode, what)| {
        let place = Place::new();
        let target = place.proxy(mode);
        let done = place.keyspec(&["adapter", "check", &target]).done().exits(1).says(what);
        assert_eq!(done.out.lines().filter(|line| line.starts_with("wrong")).count(), 1, "{mode}:\n{}", done.out);
        assert!(done.out.ends_with(&format!("{mode}: 1 mistake in the wiring\n")), "{}", done.out);
        place.assert_no_orphans();
    });
}

#[test]
fn mistakes_that_show_in_two_places() {
    for (mode, whats) in [
        ("seconds", ["it is in milliseconds since 1970", "moved by 60000 ms, it is 60 ms further"]),
        ("no-base-path", ["is the base path part of `baseUrl`", "with the actor's headers answers 404"]),
    ] {
        let place = Place::new();
        let target = place.proxy(mode);
        let done = place.keyspec(&["adapter", "check", &target]).done().exits(1);
        whats.iter().fold(done, |done, what| done.says(what)).says("2 mistakes in the wiring");
    }
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
    let done = place.keyspec(&["adapter", "check", &target]).env("FORCE_COLOR", "1").done().exits(3);
    assert!(
        !done.err.contains("\u{1b}[31mred") && !done.err.contains(['\u{7}', '\u{202e}', '\r', '\0']),
        "{:?}",
        done.err
    );
    assert!(!done.err.lines().any(|line| line.starts_with("conforms")), "{}", done.err);
}
