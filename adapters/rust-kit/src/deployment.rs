//! A process that is one deployment: answers the protocol's requests about it, any number at once.

use std::cell::OnceCell;
use std::rc::Rc;

use serde::Deserialize;
use serde_json::{Map, Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::task::LocalSet;

use crate::clock;
use crate::frame::{self, Instead, Request};

/// What a deployment is to be.
#[derive(Debug, Clone, Default)]
pub struct Start {
    /// The plugin's options: an object for one configuration, a list for several.
    pub config: Value,
    /// What is not an option of the plugin.
    pub setup: Map<String, Value>,
}

impl Start {
    /// One object a configuration.
    pub fn configurations(&self) -> Vec<Map<String, Value>> {
        let object = |value: &Value| value.as_object().cloned().unwrap_or_default();
        match &self.config {
            Value::Array(list) => list.iter().map(object).collect(),
            one => vec![object(one)],
        }
    }

    /// Whether `setup` asks for this.
    pub fn wants(&self, member: &str) -> bool {
        self.setup.get(member).is_some_and(|value| *value != json!(false) && !value.is_null())
    }

    /// Refuses what is not among the members that the adapter knows.
    pub fn only(&self, known: &[&str]) -> Result<(), Instead> {
        match self.setup.keys().find(|member| !known.contains(&member.as_str())) {
            Some(member) => Err(Instead::Unsupported(format!("the adapter has no `setup.{member}`"))),
            None => Ok(()),
        }
    }
}

/// A server-side call, as the request had it.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Call {
    pub method: String,
    #[serde(default)]
    pub body: Option<Value>,
    #[serde(default)]
    pub query: Option<Value>,
    #[serde(default)]
    pub headers: Option<Map<String, Value>>,
}

/// One implementation, running.
#[expect(async_fn_in_trait, reason = "its futures stay on one thread")]
pub trait Deployment: Sized + 'static {
    async fn start(start: Start) -> Result<Self, Instead>;

    /// The URL of the API, base path included.
    fn base_url(&self) -> String;

    /// `{userId, headers}` of a user who is new.
    async fn actor(&self, name: &str) -> Result<Value, Instead>;

    async fn call(&self, call: Call) -> Result<Value, Instead>;
}

/// One thread for everything: requests that come at once meet where the implementation waits for its storage, and
/// nowhere else, in every run alike.
pub(crate) fn serve<D: Deployment>(name: &str) -> Result<(), std::io::Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, async {
        let deployment: Rc<OnceCell<D>> = Rc::default();
        let mut lines = BufReader::new(tokio::io::stdin()).lines();
        while let Some(line) = lines.next_line().await? {
            let Some(request) = Request::read(&line) else { continue };
            let (deployment, name) = (Rc::clone(&deployment), name.to_owned());
            tokio::task::spawn_local(async move {
                let id = request.id.clone();
                frame::write(&frame::reply(&id, answer(&deployment, &name, request).await));
            });
        }
        Ok(())
    })
}

async fn answer<D: Deployment>(cell: &OnceCell<D>, name: &str, mut request: Request) -> Result<Value, Instead> {
    if request.op == "start" {
        let setup = request.take("setup").and_then(|setup| setup.as_object().cloned()).unwrap_or_default();
        let start = Start { config: request.take("config").unwrap_or_default(), setup };
        if !clock::CAPABILITIES.is_empty() {
            clock::stop(start.wants("delay"));
        }
        let deployment = D::start(start).await?;
        let base_url = cell.get_or_init(|| deployment).base_url();
        return Ok(json!({"deployment": name, "baseUrl": base_url, "now": clock::now()}));
    }
    let deployment = cell.get().ok_or_else(|| Instead::failure("the deployment has not started"))?;
    match request.op.as_str() {
        "actor" => deployment.actor(request.text("name")).await,
        "call" => {
            let call = serde_json::from_value(Value::Object(request.members)).map_err(Instead::failure)?;
            deployment.call(call).await
        }
        "clock" if clock::CAPABILITIES.is_empty() => Err(Instead::unsupported("there is no clock on this system")),
        "clock" => {
            let advance = request.take("advanceMs").and_then(|value| value.as_i64());
            clock::advance(advance.ok_or_else(|| Instead::failure("`advanceMs` is not a number"))?);
            Ok(json!({"now": clock::now()}))
        }
        other => Err(Instead::Unsupported(format!("the adapter has no `{other}`"))),
    }
}
