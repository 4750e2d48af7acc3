//! What a step does: `client`, `server`, `clock`, `raw`, `parallel`, `repeat`.

use indexmap::IndexMap;

use crate::scenario::diagnostic::Hint;
use crate::scenario::merge::{Actor, Changes, Door};
use crate::scenario::story::{Action, Call, Target, Template};
use crate::scenario::yaml::{Entry, Kind, Node};
use crate::spec::edition::Edition;
use crate::spec::operation::Method;
use crate::spec::words::one_of;

use super::reader::{Fields, Reader};

/// Each step has exactly one of these.
pub(super) const ACTIONS: &[&str] = &["client", "server", "clock", "restart", "raw", "parallel", "repeat"];

/// What a request is made of, beside its target.
pub(super) const REQUEST_KEYS: &[&str] = &["as", "query", "headers", "body", "text"];

const MOST_AT_ONCE: usize = 200;

const MOST_IN_TURN: usize = 1000;

impl Reader {
    /// The action among the fields of a step or of `each`.
    pub(super) fn action(&mut self, fields: &Fields<'_>, inside_each: bool) -> Option<Action> {
        let chosen = self.chosen(fields)?;
        self.refuse_idle_keys(fields, chosen);
        let node = &chosen.value;
        match chosen.key.as_str() {
            "client" => {
                let call = self.call(fields, |reader| reader.target(node))?;
                Some(Action::Client(call))
            }
            "server" => {
                let call = self.call(fields, |reader| reader.method(node))?;
                Some(Action::Server(call))
            }
            "raw" => self.raw(node).map(Action::Raw),
            _ if inside_each => {
                self.refuse(&chosen.place, format!("`each` holds a request, not `{}`", chosen.key), None)
            }
            "clock" => self.duration(node).map(Action::Clock),
            "restart" => self.restart(node),
            key => {
                let at_once = key == "parallel";
                let count = self.count(node, if at_once { MOST_AT_ONCE } else { MOST_IN_TURN });
                let each = self.required(fields, "each").and_then(|each| self.each(each));
                Some(Action::Many { count: count?, at_once, each: each? })
            }
        }
    }

    /// `same`, or `{ config: … }`.
    fn restart(&mut self, node: &Node) -> Option<Action> {
        match &node.kind {
            Kind::Text(text) if text == "same" => Some(Action::Restart { config: None }),
            Kind::Map(_) => {
                let fields = self.fields(node, "`restart`", &["config"])?;
                let config = self.required(&fields, "config").and_then(|config| self.config(config))?;
                Some(Action::Restart { config: Some(config) })
            }
            _ => {
                self.refuse(&node.place, "`restart` is `same`, or `{ config: … }` with the options to start with", None)
            }
        }
    }

    /// What a twin's fields change.
    pub(super) fn changes(&mut self, fields: &Fields<'_>) -> Option<Changes> {
        let door = match (fields.node("client"), fields.node("server")) {
            (Some(_), Some(server)) => {
                return self.refuse(&server.place, "a request goes in by `client` or by `server`, not by both", None);
            }
            (Some(client), None) => Some(Door::Client(self.target(client)?)),
            (None, Some(server)) => Some(Door::Server(self.method(server)?)),
            (None, None) => None,
        };
        let actor = match fields.node("as") {
            Some(node) if is_absent(node) => Some(Actor::Nobody),
            Some(node) => Some(Actor::Named(self.actor_name(node)?)),
            None => None,
        };
        let headers = match fields.node("headers") {
            Some(node) if is_absent(node) => Some(Template::Absent),
            Some(node) => self.headers(node).map(|headers| Some(Template::Map(headers)))?,
            None => None,
        };
        Some(Changes {
            door,
            actor,
            headers,
            query: self.part(fields, "query", true)?,
            body: self.part(fields, "body", true)?,
            text: self.part(fields, "text", true)?,
            raw: fields.node("raw").map_or(Some(None), |node| self.raw(node).map(Some))?,
        })
    }

    fn chosen<'n>(&mut self, fields: &Fields<'n>) -> Option<&'n Entry> {
        let mut chosen = fields.entries().iter().filter(|entry| ACTIONS.contains(&entry.key.as_str()));
        let first = chosen.next();
        if let Some(second) = chosen.next() {
            return self.refuse(&second.place, "a step does one thing: this is its second action", None);
        }
        if first.is_none() {
            self.refuse::<()>(fields.place, format!("a step has an action: {}", one_of(ACTIONS)), None);
        }
        first
    }

    /// Keys that the action would not look at.
    fn refuse_idle_keys(&mut self, fields: &Fields<'_>, action: &Entry) {
        let key = action.key.as_str();
        let is_request = ["client", "server"].contains(&key);
        let many = ["parallel", "repeat"].contains(&key);
        for entry in fields.entries() {
            match entry.key.as_str() {
                "text" if key == "server" => {
                    self.refuse::<()>(&entry.place, "a server-side call has no `text`: it takes a `body`", None);
                }
                name if REQUEST_KEYS.contains(&name) && many => {
                    self.refuse::<()>(&entry.place, format!("`{name}` belongs to the request in `each`"), None);
                }
                name if REQUEST_KEYS.contains(&name) && !is_request => {
                    self.refuse::<()>(&entry.place, format!("`{key}` takes no `{name}`"), None);
                }
                "each" if !many => {
                    self.refuse::<()>(&entry.place, "`each` belongs to `parallel` and `repeat`", None);
                }
                _ => {}
            }
        }
        if let (Some(_), Some(text)) = (fields.node("body"), fields.entry("text")) {
            self.refuse::<()>(&text.place, "a request has a `body` or a `text`, not both", None);
        }
    }

    /// A request, or several that take turns.
    fn each(&mut self, node: &Node) -> Option<Vec<Action>> {
        match &node.kind {
            Kind::List(requests) if requests.is_empty() => {
                self.refuse(&node.place, "`each` has a request, or several in a list", None)
            }
            Kind::List(requests) => {
                let read: Vec<Option<Action>> = requests.iter().map(|request| self.one_of_each(request)).collect();
                read.into_iter().collect()
            }
            _ => self.one_of_each(node).map(|request| vec![request]),
        }
    }

    fn one_of_each(&mut self, node: &Node) -> Option<Action> {
        let known = [ACTIONS, REQUEST_KEYS].concat();
        let fields = self.fields(node, "`each`", &known)?;
        self.action(&fields, true)
    }

    fn call<T>(&mut self, fields: &Fields<'_>, target: impl FnOnce(&mut Self) -> Option<T>) -> Option<Call<T>> {
        let target = target(self);
        let actor = fields.node("as").map_or(Some(None), |node| self.actor_name(node).map(Some));
        let headers = fields.node("headers").map_or(Some(IndexMap::new()), |node| self.headers(node));
        let query = self.part(fields, "query", false);
        let body = self.part(fields, "body", false);
        let text = self.part(fields, "text", false);
        Some(Call { target: target?, actor: actor?, query: query?, headers: headers?, body: body?, text: text? })
    }

    /// `query`, `body` or `text`.
    fn part(&mut self, fields: &Fields<'_>, key: &str, absent: bool) -> Option<Option<Template>> {
        let Some(node) = fields.node(key) else { return Some(None) };
        let fits = match key {
            "query" => matches!(node.kind, Kind::Map(_)) && node.tag.is_none() || absent && is_absent(node),
            "text" => matches!(node.kind, Kind::Text(_)) || node.tag.is_some(),
            _ => true,
        };
        if !fits {
            let expected = if key == "query" { "a map" } else { "a text" };
            return self.refuse(&node.place, format!("`{key}` is {expected}, not {}", node.noun()), None);
        }
        self.template(node, absent).map(Some)
    }

    fn headers(&mut self, node: &Node) -> Option<IndexMap<String, Template>> {
        let Kind::Map(entries) = &node.kind else {
            return self.refuse(&node.place, format!("headers are a map, not {}", node.noun()), None);
        };
        let mut headers = IndexMap::new();
        let mut complete = true;
        for entry in entries {
            let value = match entry.value.kind {
                Kind::List(_) | Kind::Map(_) if entry.value.tag.is_none() => {
                    self.refuse(&entry.value.place, format!("a header is a text, not {}", entry.value.noun()), None)
                }
                _ => self.template(&entry.value, true),
            };
            match (self.header_name(entry), value) {
                (Some(name), Some(value)) => {
                    headers.insert(name, value);
                }
                _ => complete = false,
            }
        }
        complete.then_some(headers)
    }

    /// In lower case, whatever the file has.
    pub(super) fn header_name(&mut self, entry: &Entry) -> Option<String> {
        let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
        if entry.key.is_empty() || !entry.key.chars().all(is_token) {
            return self.refuse(&entry.place, format!("`{}` is not the name of a header", entry.key), None);
        }
        Some(entry.key.to_lowercase())
    }

    fn raw(&mut self, node: &Node) -> Option<Template> {
        match (&node.kind, &node.tag) {
            (Kind::Text(_), _) | (_, Some(_)) => self.template(node, false),
            _ => self.refuse(&node.place, format!("`raw` is a text, not {}", node.noun()), None),
        }
    }

    fn target(&mut self, node: &Node) -> Option<Target> {
        let text = self.text(node)?;
        let Some((method, path)) = text.split_once(' ') else {
            let method = self.method(node)?;
            if method.route(&Edition::newest()).is_none() {
                let hint =
                    Hint::Note("name a path: `client: POST /api-key/verify`; or call it with `server`".to_owned());
                return self.refuse(&node.place, format!("`{method}` has no route for clients"), Some(hint));
            }
            return Some(Target::Operation(method));
        };
        if !HTTP_METHODS.contains(&method) {
            return self.refuse_word(&node.place, format!("unknown HTTP method `{method}`"), method, HTTP_METHODS);
        }
        if !path.starts_with('/') || path.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return self.refuse(&node.place, "a path starts with `/` and has no spaces in it", None);
        }
        if path.contains(['?', '#', '$', '%']) {
            let hint = Hint::Note("`query: { id: $id }` gives parameters, captured values among them".to_owned());
            return self.refuse(
                &node.place,
                "a path is taken as it stands, without parameters or references",
                Some(hint),
            );
        }
        Some(Target::Route { method: method.to_owned(), path: path.to_owned() })
    }

    fn method(&mut self, node: &Node) -> Option<Method> {
        let names: Vec<&str> = Method::ALL.iter().map(|method| method.name()).collect();
        let name = self.word(node, "operation", &names)?;
        Method::ALL.iter().copied().find(|method| method.name() == name)
    }
}

const HTTP_METHODS: &[&str] = &["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

fn is_absent(node: &Node) -> bool {
    node.kind == Kind::Null && node.tag.as_ref().is_some_and(|tag| tag.name == "absent")
}
