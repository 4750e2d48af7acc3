//! A deployment that runs already, judged over HTTP alone.

use std::io::{BufRead, BufReader};
use std::process::Child;

use serde_json::Value;

use super::support::{Place, outcomes};

/// `keyspec serve`, until it goes out of scope.
pub(crate) struct Served {
    process: Child,
    pub(crate) url: String,
}

impl Served {
    pub(crate) fn start(place: &Place, args: &[&str]) -> Self {
        let mut process = place.keyspec(&["serve", "--port", "0"]).args(args).spawn();
        let mut url = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut url).unwrap();
        Self { process, url: url.trim_end().to_owned() }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn of<'r>(run: &'r Value, check: &str) -> &'r Value {
    run["checks"].as_array().unwrap().iter().find(|one| one["check"] == check).unwrap()
}

#[test]
fn what_http_can_show_passes_and_the_rest_says_why_not() {
    let place = Place::new();
    let served = Served::start(&place, &[]);
    let args = ["--target", &served.url, "--report", "json=run.json"];
    place.run(&args).done().exits(0).says("not-applicable (core): a URL cannot show it: needs openapi");
    let run = place.json("run.json");
    let of_core = |outcome: &str| run["summary"]["core"][outcome].as_u64().unwrap_or(0);
    assert_eq!((of_core("pass"), of_core("not-applicable")), (3, 1));
    for (check, reason) in [
        ("use.verify.accepted", "needs a deployment that is configured with {\"defaultPrefix\":\"use_\"}"),
        ("use.expiry.refused", "needs a deployment that is configured with {\"defaultPrefix\":\"old_\"}"),
        ("extra.openapi.served", "a URL cannot show it: needs openapi"),
    ] {
        assert_eq!(
            (of(&run, check)["outcome"].as_str(), of(&run, check)["reason"].as_str()),
            (Some("not-applicable"), Some(reason))
        );
    }
    assert_eq!(run["header"]["implementation"]["name"], served.url.as_str());
}

#[test]
fn the_bundled_core_profile_passes_over_http_alone() {
    let place = Place::new();
    let served = Served::start(&place, &[]);
    let args = ["run", "--target", &served.url, "--profile", "core", "--report", "json=run.json", "-q"];
    place.keyspec(&args).done().exits(0);
    let server = ["run", "--target", &served.url, "--profile", "server"];
    place.keyspec(&server).done().says("not-applicable (server): a URL cannot show it: needs server-calls");
    let found = outcomes(&place.json("run.json"));
    assert!(found.iter().filter(|(_, outcome)| outcome == "pass").count() > 50, "{found:?}");
    assert!(found.iter().all(|(_, outcome)| outcome == "pass" || outcome == "not-applicable"), "{found:?}");
}

#[test]
fn a_fault_shows_over_http_as_well() {
    let place = Place::new();
    let served = Served::start(&place, &["--fault", "create.client-permissions-accepted"]);
    place.run(&["--target", &served.url]).done().exits(1).says("FAIL keys.create.permissions-refused");
}

#[test]
fn the_edition_is_named_by_the_user() {
    let place = Place::new();
    let served = Served::start(&place, &["--edition", "1.4"]);
    let run = |args: &[&str]| {
        let done = place.run(&["--target", &served.url, "--report", "json=run.json"]).args(args).done();
        (done.code, place.json("run.json")["header"]["edition"].as_str().unwrap().to_owned())
    };
    assert_eq!(run(&["--edition", "1.4"]), (0, "1.4.22".to_owned()));
    assert_eq!(run(&[]).1, "1.7.5");
    let file = format!("name = 'staging'\nbase-url = '{}'\nedition = '1.4'\n", served.url);
    place.write("staging.toml", &file);
    place.run(&["--target", "staging.toml", "--report", "json=run.json"]).done().exits(0);
    assert_eq!(place.json("run.json")["header"]["edition"], "1.4.22");
    assert_eq!(place.json("run.json")["header"]["implementation"]["name"], "staging");
}

#[test]
fn a_deployment_file_says_how_to_sign_in_and_what_is_configured() {
    let place = Place::new();
    let options = place.write("options.json", "{\"defaultPrefix\": \"use_\"}");
    let served = Served::start(&place, &["--config", &options.display().to_string()]);
    sign_up(&served.url, "carla@example.com", "correct horse battery");
    let scenario = "
scenario: a user that is there already has an address of its own
config: { defaultPrefix: use_ }
steps:
  - as: alice
    client: GET /get-session
    expect:
      - check: keys.session.address
        requirement: keys.created
        body: { user: { email: carla@example.com } }
  - as: bob
    client: createApiKey
    body: { name: bob's }
    expect:
      - check: keys.session.other
        requirement: keys.created
        ok: true
";
    place.write("scenarios/keys/session.yaml", scenario);
    let file = format!(
        "name = 'staging'\nbase-url = '{}'\n[session]\nalice = {{ email = 'env:ADDRESS', password = 'env:PASSWORD' }}\n[config]\ndefaultPrefix = 'use_'\n",
        served.url
    );
    place.write("staging.toml", &file);
    let requirements = super::support::manifest("tests/cli/suite/requirements").display().to_string();
    let args = ["run", "--target", "staging.toml", "--scenarios", "scenarios", "--requirements", &requirements, "-v"];
    let run = |password: &str| {
        let keyspec = place.keyspec(&args).args(&["--report", "json=run.json"]);
        let done = keyspec.env("ADDRESS", "carla@example.com").env("PASSWORD", password).done();
        for text in [&done.out, &done.err, &place.read("run.json")] {
            assert!(!text.contains(password), "{text}");
        }
        done
    };
    run("correct horse battery").exits(0).says("2 checks observed");
    run("wrong horse battery").exits(3).says("cannot sign alice in: POST /sign-in/email answered 401");
}

fn sign_up(base: &str, email: &str, password: &str) {
    use std::io::{Read, Write};
    let address = base.strip_prefix("http://").unwrap().split('/').next().unwrap();
    let body = format!("{{\"name\":\"x\",\"email\":\"{email}\",\"password\":\"{password}\"}}");
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    let head = format!(
        "POST /api/auth/sign-up/email HTTP/1.1\r\nhost: {address}\r\norigin: http://{address}\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all((head + &body).as_bytes()).unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    assert!(reply.starts_with("HTTP/1.1 200"), "{reply}");
}
