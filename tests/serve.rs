//! `keyspec serve` as its users meet it: what it prints, how it ends, what it refuses.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

fn keyspec(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_keyspec"));
    command.arg("serve").args(args).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn refused(args: &[&str]) -> (i32, String) {
    let mut process = keyspec(args).spawn().unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    while process.try_wait().unwrap().is_none() && Instant::now() < deadline {
        thread::sleep(Duration::from_millis(5));
    }
    // One that serves where it should refuse must not serve for ever.
    let _ = process.kill();
    let Output { status, stdout, stderr } = process.wait_with_output().unwrap();
    assert_eq!(String::from_utf8(stdout).unwrap(), "", "standard output is for the base URL");
    (status.code().unwrap_or_default(), String::from_utf8(stderr).unwrap())
}

/// Starts a server and reads the first line that it prints.
fn started(args: &[&str]) -> (Child, BufReader<ChildStdout>, String) {
    let mut process = keyspec(args).spawn().unwrap();
    let mut out = BufReader::new(process.stdout.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    (process, out, line.trim_end().to_owned())
}

fn address(base_url: &str) -> &str {
    base_url.strip_prefix("http://").and_then(|rest| rest.strip_suffix("/api/auth")).unwrap()
}

fn post(address: &str, path: &str, body: &str) -> String {
    let length = body.len();
    let mut stream = TcpStream::connect(address).unwrap();
    let head =
        format!("POST {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n");
    stream.write_all((head + body).as_bytes()).unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    reply
}

#[cfg(unix)]
#[test]
fn signals_end_it_well() {
    for signal in ["-TERM", "-INT"] {
        let (mut process, mut out, base_url) = started(&["--port", "0", "--edition", "1.4"]);
        let open = TcpStream::connect(address(&base_url)).unwrap();
        assert!(Command::new("kill").args([signal, &process.id().to_string()]).status().unwrap().success());
        assert_eq!(process.wait().unwrap().code(), Some(0), "{signal}");
        drop(open);
        let mut rest = String::new();
        out.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "", "one line is all that it prints");
        let mut log = String::new();
        process.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        assert!(log.contains("edition 1.4.22"), "{log}");
    }
}

#[test]
fn a_virtual_clock_has_a_door_and_a_real_one_has_none() {
    for (clock, status) in [("virtual", "HTTP/1.1 200 "), ("real", "HTTP/1.1 404 ")] {
        let (mut process, _, base_url) = started(&["--port", "0", "--clock", clock]);
        let reply = post(address(&base_url), "/__keyspec/clock", r#"{"advanceMs":1000}"#);
        process.kill().unwrap();
        process.wait().unwrap();
        assert!(reply.starts_with(status), "{clock}: {reply}");
    }
}

#[test]
fn a_port_in_use_is_the_environments() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let (code, message) = refused(&["--port", &port]);
    assert_eq!(code, 3);
    assert!(message.contains(&format!("port {port} of 127.0.0.1 is in use")), "{message}");
}

#[test]
fn other_machines_are_kept_out_unless_one_insists() {
    let (code, message) = refused(&["--host", "0.0.0.0", "--port", "0"]);
    assert_eq!(code, 2);
    assert!(message.contains("--dangerously-bind-any"), "{message}");
    let (mut process, _, base_url) = started(&["--host", "0.0.0.0", "--port", "0", "--dangerously-bind-any"]);
    process.kill().unwrap();
    process.wait().unwrap();
    assert!(base_url.starts_with("http://0.0.0.0:"), "{base_url}");
}

#[test]
fn mistakes_in_a_configuration_name_the_file_and_the_option() {
    let folder = tempfile::tempdir().unwrap();
    let cases = [
        (
            "a.json",
            r#"{"rateLimit":{"enabeld":false}}"#,
            "`rateLimit.enabeld` is not an option; did you mean `rateLimit.enabled`?",
        ),
        ("b.toml", "[permission]\n", "did you mean `permissions`?"),
        ("c.json", "{", "line 1"),
        ("d.toml", "a = \n", "line 1"),
        ("e.json", r#"{"requireName":"yes"}"#, "`requireName` must be"),
    ];
    for (name, text, expected) in cases {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        let (code, message) = refused(&["--port", "0", "--config", path.to_str().unwrap()]);
        assert_eq!(code, 2, "{name}: {message}");
        assert!(message.contains(name) && message.contains(expected), "{name}: {message}");
    }
    let (code, message) = refused(&["--config", "nowhere.json"]);
    assert_eq!(code, 2);
    assert!(message.contains("cannot read nowhere.json"), "{message}");
}

#[test]
fn a_configuration_is_followed() {
    let folder = tempfile::tempdir().unwrap();
    let one = folder.path().join("one.toml");
    fs::write(&one, "enableMetadata = true\n[rateLimit]\nenabled = false\n").unwrap();
    let several = folder.path().join("several.toml");
    fs::write(&several, "[[configurations]]\nconfigId = \"a\"\n[[configurations]]\nconfigId = \"b\"\n").unwrap();
    for path in [one, several] {
        let (mut process, _, base_url) = started(&["--port", "0", "--config", path.to_str().unwrap()]);
        process.kill().unwrap();
        process.wait().unwrap();
        assert!(base_url.ends_with("/api/auth"), "{base_url}");
    }
    fs::write(folder.path().join("old.json"), r#"[{"configId":"a"}]"#).unwrap();
    let old = folder.path().join("old.json");
    let (code, message) = refused(&["--port", "0", "--edition", "1.4", "--config", old.to_str().unwrap()]);
    assert_eq!(code, 2, "{message}");
}

#[test]
fn unknown_words_are_usage_errors() {
    for args in [["--fault", "no-such-fault"], ["--edition", "newest"], ["--clock", "slow"], ["--origin", "nowhere"]] {
        let (code, message) = refused(&args);
        assert_eq!(code, 2, "{message}");
        assert!(message.contains(args[1]), "{message}");
    }
}

#[test]
fn as_an_adapter_it_ends_with_its_input() {
    let mut process = keyspec(&["--adapter", "--edition", "1.6"]).stdin(Stdio::piped()).spawn().unwrap();
    let mut requests = process.stdin.take().unwrap();
    writeln!(requests, r#"{{"id":1,"op":"hello","protocol":1}}"#).unwrap();
    writeln!(requests, r#"{{"id":2,"op":"start","config":{{}}}}"#).unwrap();
    drop(requests);
    let Output { status, stdout, .. } = process.wait_with_output().unwrap();
    let replies = String::from_utf8(stdout).unwrap();
    assert_eq!(status.code(), Some(0));
    assert_eq!(replies.lines().count(), 2, "{replies}");
    assert!(replies.contains(r#""edition":"1.6.33""#), "{replies}");
}

#[test]
fn as_an_adapter_it_gives_up_on_nonsense() {
    let mut process = keyspec(&["--adapter"]).stdin(Stdio::piped()).spawn().unwrap();
    process.stdin.take().unwrap().write_all(b"nonsense\n").unwrap();
    let Output { status, stderr, .. } = process.wait_with_output().unwrap();
    assert_eq!(status.code(), Some(3));
    assert!(String::from_utf8(stderr).unwrap().contains("not a request of the adapter protocol"));
}
