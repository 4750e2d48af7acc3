//! Writing an operation, so that parsing reads the same again.

use serde_json::{Map, Value};

use crate::spec::edition::{Behaviour, Edition};
use crate::spec::key::js_number;
use crate::spec::operation::{CreateKey, DeleteKey, Field, GetKey, ListKeys, Operation, UpdateKey, VerifyKey};
use crate::spec::permission::Permissions;

/// An operation as a request carries it. Fields that the edition does not have are left out.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Encoded {
    pub body: Option<Map<String, Value>>,
    pub query: Option<Map<String, Value>>,
}

/// Writes an operation so that [`super::parse`] reads the same again, as far as the edition has its fields.
pub fn encode(edition: &Edition, operation: &Operation) -> Encoded {
    let mut out = Members { members: Map::new(), has_configurations: edition.has(Behaviour::ConfigurationsHaveNames) };
    match operation {
        Operation::Create(create) => out.create(create),
        Operation::Verify(verify) => out.verify(verify),
        Operation::Update(update) => out.update(update),
        Operation::Delete(delete) => out.delete(delete),
        Operation::DeleteAllExpired => return Encoded::default(),
        Operation::Get(get) => {
            out.get(get);
            return Encoded { query: Some(out.members), body: None };
        }
        Operation::List(list) => {
            if edition.has(Behaviour::ListQueryIsRead) {
                out.list(list);
            }
            let query = (!out.members.is_empty()).then_some(out.members);
            return Encoded { query, body: None };
        }
    }
    Encoded { body: Some(out.members), query: None }
}

impl Encoded {
    /// The query as text, for an HTTP request.
    pub fn query_pairs(&self) -> Vec<(String, String)> {
        let members = self.query.iter().flatten();
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        members.map(|(name, value)| (name.clone(), text(value))).collect()
    }
}

struct Members {
    members: Map<String, Value>,
    has_configurations: bool,
}

impl Members {
    fn create(&mut self, create: &CreateKey) {
        self.config_id(create.config_id.as_deref());
        self.text("name", create.name.as_deref());
        self.nullable("expiresIn", &create.expires_in, |number| js_number(*number));
        self.text("prefix", create.prefix.as_deref());
        self.nullable("remaining", &create.remaining, |number| js_number(*number));
        self.nullable("metadata", &create.metadata, Value::clone);
        self.number("refillAmount", create.refill_amount);
        self.number("refillInterval", create.refill_interval);
        self.number("rateLimitTimeWindow", create.rate_limit_time_window);
        self.number("rateLimitMax", create.rate_limit_max);
        self.put("rateLimitEnabled", create.rate_limit_enabled.map(Value::from));
        self.put("permissions", create.permissions.as_ref().map(Permissions::to_json));
        self.text("userId", create.user_id.as_deref());
        if self.has_configurations {
            self.text("organizationId", create.organization_id.as_deref());
        }
    }

    fn verify(&mut self, verify: &VerifyKey) {
        self.config_id(verify.config_id.as_deref());
        self.text("key", Some(&verify.key));
        self.put("permissions", verify.permissions.as_ref().map(Permissions::to_json));
    }

    fn get(&mut self, get: &GetKey) {
        self.config_id(get.config_id.as_deref());
        self.text("id", Some(&get.id));
    }

    fn update(&mut self, update: &UpdateKey) {
        self.config_id(update.config_id.as_deref());
        self.text("keyId", Some(&update.key_id));
        self.text("userId", update.user_id.as_deref());
        self.text("name", update.name.as_deref());
        self.put("enabled", update.enabled.map(Value::from));
        self.number("remaining", update.remaining);
        self.number("refillAmount", update.refill_amount);
        self.number("refillInterval", update.refill_interval);
        self.nullable("metadata", &update.metadata, Value::clone);
        self.nullable("expiresIn", &update.expires_in, |number| js_number(*number));
        self.put("rateLimitEnabled", update.rate_limit_enabled.map(Value::from));
        self.number("rateLimitTimeWindow", update.rate_limit_time_window);
        self.number("rateLimitMax", update.rate_limit_max);
        self.nullable("permissions", &update.permissions, Permissions::to_json);
    }

    fn delete(&mut self, delete: &DeleteKey) {
        self.config_id(delete.config_id.as_deref());
        self.text("keyId", Some(&delete.key_id));
    }

    fn list(&mut self, list: &ListKeys) {
        self.config_id(list.config_id.as_deref());
        self.text("organizationId", list.organization_id.as_deref());
        self.put("limit", list.limit.map(Value::from));
        self.put("offset", list.offset.map(Value::from));
        self.text("sortBy", list.sort_by.as_deref());
        self.text("sortDirection", list.descending.map(|descending| if descending { "desc" } else { "asc" }));
    }

    fn config_id(&mut self, config_id: Option<&str>) {
        if self.has_configurations {
            self.text("configId", config_id);
        }
    }

    fn text(&mut self, name: &str, text: Option<&str>) {
        self.put(name, text.map(Value::from));
    }

    fn number(&mut self, name: &str, number: Option<f64>) {
        self.put(name, number.map(js_number));
    }

    fn nullable<T>(&mut self, name: &str, field: &Field<T>, to_json: impl Fn(&T) -> Value) {
        self.put(
            name,
            match field {
                Field::Absent => None,
                Field::Null => Some(Value::Null),
                Field::Set(value) => Some(to_json(value)),
            },
        );
    }

    fn put(&mut self, name: &str, value: Option<Value>) {
        if let Some(value) = value {
            self.members.insert(name.to_owned(), value);
        }
    }
}
