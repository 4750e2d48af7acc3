//! The plugin's options as a scenario names them, read strictly: what an implementation has no place for is refused, so
//! that no check is judged on a deployment that is not what it asked for.

use serde_json::{Map, Value};

use crate::frame::Instead;

/// One object of options. Each is taken out as it is read; [`Options::end`] refuses what is left.
#[derive(Debug)]
pub struct Options {
    path: String,
    members: Map<String, Value>,
}

impl Options {
    pub fn new(members: Map<String, Value>) -> Self {
        Self { path: String::new(), members }
    }

    /// `null` is the same as leaving it out.
    pub fn raw(&mut self, name: &str) -> Option<Value> {
        self.members.remove(name).filter(|value| !value.is_null())
    }

    fn read<T>(&mut self, name: &str, read: impl Fn(&Value) -> Option<T>) -> Result<Option<T>, Instead> {
        let Some(value) = self.raw(name) else { return Ok(None) };
        match read(&value) {
            Some(read) => Ok(Some(read)),
            None => Err(Instead::Unsupported(format!("`{}{name}` cannot be {value}", self.path))),
        }
    }

    pub fn switch(&mut self, name: &str) -> Result<Option<bool>, Instead> {
        self.read(name, Value::as_bool)
    }

    /// A whole number that the implementation's type can hold.
    pub fn integer<T: TryFrom<i64>>(&mut self, name: &str) -> Result<Option<T>, Instead> {
        self.read(name, |value| {
            let whole = value.as_i64().or_else(|| {
                let number = value.as_f64().filter(|number| number.fract() == 0.0 && number.abs() < 9e15)?;
                Some(number as i64)
            })?;
            T::try_from(whole).ok()
        })
    }

    pub fn number(&mut self, name: &str) -> Result<Option<f64>, Instead> {
        self.read(name, Value::as_f64)
    }

    pub fn text(&mut self, name: &str) -> Result<Option<String>, Instead> {
        self.read(name, |value| value.as_str().map(str::to_owned))
    }

    /// A text, or a list of them.
    pub fn texts(&mut self, name: &str) -> Result<Option<Vec<String>>, Instead> {
        self.read(name, |value| match value {
            Value::Array(list) => list.iter().map(|one| one.as_str().map(str::to_owned)).collect(),
            one => Some(vec![one.as_str()?.to_owned()]),
        })
    }

    /// The name of a preset, for an option that is a function.
    pub fn preset(&mut self, name: &str) -> Result<Option<String>, Instead> {
        self.read(name, preset_of)
    }

    /// An object of options inside this one.
    pub fn group(&mut self, name: &str) -> Result<Self, Instead> {
        let members = self.read(name, |value| value.as_object().cloned())?.unwrap_or_default();
        Ok(Self { path: format!("{}{name}.", self.path), members })
    }

    pub fn end(self) -> Result<(), Instead> {
        match self.members.iter().find(|(_, value)| !value.is_null()) {
            Some((name, _)) => {
                Err(Instead::Unsupported(format!("the implementation has no option `{}{name}`", self.path)))
            }
            None => Ok(()),
        }
    }
}

/// The name in `{"preset": NAME}`.
pub fn preset_of(value: &Value) -> Option<String> {
    Some(value.as_object()?.get("preset")?.as_str()?.to_owned())
}

/// An option or a preset that the implementation or the adapter does not have.
pub fn no_preset<T>(name: &str) -> Result<T, Instead> {
    Err(Instead::Unsupported(format!("the adapter has no preset `{name}` here")))
}
