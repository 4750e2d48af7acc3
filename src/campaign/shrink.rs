//! The shortest sequence that still shows something: steps are left out, then values, then options.
//!
//! It knows nothing of targets: it is asked through a function whether a sequence still shows it.

use serde_json::{Map, Value, json};

use super::large;
use super::sequence::{Act, Call, Sequence, Step};

/// Makes a sequence smaller as long as `shows` holds, with at most so many questions. `fixed`: the options are those of a
/// deployment that has no others.
pub async fn shrink(
    sequence: Sequence,
    budget: usize,
    fixed: bool,
    shows: impl AsyncFnMut(&Sequence) -> bool,
) -> Sequence {
    let mut shrinker = Shrinker { best: sequence, budget, fixed, shows };
    loop {
        let before = shrinker.best.clone();
        shrinker.steps().await;
        shrinker.details().await;
        if shrinker.best == before || shrinker.budget == 0 {
            break;
        }
    }
    renamed(shrinker.best)
}

struct Shrinker<F> {
    best: Sequence,
    budget: usize,
    fixed: bool,
    shows: F,
}

impl<F: AsyncFnMut(&Sequence) -> bool> Shrinker<F> {
    async fn try_out(&mut self, candidate: Sequence) -> bool {
        if self.budget == 0 || candidate == self.best {
            return false;
        }
        self.budget -= 1;
        let shows = (self.shows)(&candidate).await;
        if shows {
            self.best = candidate;
        }
        shows
    }

    /// Leaves out steps: halves first, then ever smaller parts, from the end on.
    async fn steps(&mut self) {
        let mut size = (self.best.steps.len() / 2).max(1);
        loop {
            let mut end = self.best.steps.len();
            while end > 0 {
                let start = end.saturating_sub(size);
                let mut candidate = self.best.clone();
                candidate.steps.drain(start..end);
                self.try_out(candidate).await;
                end = start;
            }
            if size == 1 {
                return;
            }
            size /= 2;
        }
    }

    /// Everything else, one change at a time; a change that helped is tried once more in the same place.
    async fn details(&mut self) {
        let mut at = 0;
        while let Some(candidate) = simpler(&self.best, self.fixed).into_iter().nth(at) {
            if !self.try_out(candidate).await {
                at += 1;
            }
            if self.budget == 0 {
                return;
            }
        }
    }
}

/// Every sequence that is simpler in one place.
fn simpler(sequence: &Sequence, fixed: bool) -> Vec<Sequence> {
    let mut all = Vec::new();
    if !sequence.setup.is_null() && !fixed {
        all.push(Sequence { setup: Value::Null, ..sequence.clone() });
        all.extend(reduced(&sequence.setup).into_iter().map(|setup| Sequence { setup, ..sequence.clone() }));
    }
    if sequence.config != json!({}) && !fixed {
        all.push(Sequence { config: json!({}), ..sequence.clone() });
        if let Some(first) = sequence.config.as_array().and_then(|list| list.first()?.as_object()) {
            let mut single = first.clone();
            single.shift_remove("configId");
            all.push(Sequence { config: single.into(), ..sequence.clone() });
        }
        // A list without any configuration is no smaller one, but another.
        let some = |config: &Value| config.as_array().is_none_or(|list| !list.is_empty());
        let fewer = reduced(&sequence.config).into_iter().filter(some);
        all.extend(fewer.map(|config| Sequence { config, ..sequence.clone() }));
    }
    for (at, step) in sequence.steps.iter().enumerate() {
        for step in simpler_steps(step) {
            let mut candidate = sequence.clone();
            candidate.steps[at] = step;
            all.push(candidate);
        }
    }
    all
}

fn simpler_steps(step: &Step) -> Vec<Step> {
    match step {
        Step::Clock { advance_ms } => {
            let shorter = [1, 1001, 10_001, 60_001, 3_600_001, 86_400_001, 604_800_001];
            let shorter = shorter.into_iter().filter(|ms| ms < advance_ms);
            shorter.map(|advance_ms| Step::Clock { advance_ms }).collect()
        }
        Step::Organization { actor, organization, act: Act::Join { who, role } } if role != "member" => {
            let act = Act::Join { who: who.clone(), role: "member".to_owned() };
            vec![Step::Organization { actor: actor.clone(), organization: organization.clone(), act }]
        }
        Step::Restart { config: Some(config) } => {
            let fewer = reduced(config).into_iter().filter(|config| !config.is_array() || config != &json!([]));
            let fewer = fewer.map(|config| Step::Restart { config: Some(config) });
            std::iter::once(Step::Restart { config: None }).chain(fewer).collect()
        }
        Step::Organization { .. } | Step::Restart { .. } => Vec::new(),
        step => simpler_calls(step),
    }
}

fn simpler_calls(step: &Step) -> Vec<Step> {
    let Some(call) = step.call() else { return Vec::new() };
    let mut calls = Vec::new();
    if call.times > 1 {
        calls.push(Call { times: 1, ..call.clone() });
        calls.push(Call { times: 2.max(call.times / 2), ..call.clone() });
    }
    if call.query.is_some() {
        calls.push(Call { query: None, ..call.clone() });
    }
    if call.text.is_some() && call.body.is_some() {
        calls.push(Call { body: None, ..call.clone() });
    }
    for name in call.headers.keys() {
        let mut headers = call.headers.clone();
        headers.shift_remove(name);
        calls.push(Call { headers, ..call.clone() });
    }
    let members = |value: &Option<Value>| value.as_ref().map(reduced).unwrap_or_default();
    calls.extend(members(&call.body).into_iter().map(|body| Call { body: Some(body), ..call.clone() }));
    calls.extend(members(&call.query).into_iter().map(|query| Call { query: Some(query), ..call.clone() }));
    let with = |call: Call| {
        let mut step = step.clone();
        if let Some(place) = step.call_mut() {
            *place = call;
        }
        step
    };
    calls.into_iter().map(with).collect()
}

/// A document with one thing less, at any depth: members and items first, then plainer values.
fn reduced(value: &Value) -> Vec<Value> {
    let mut all = Vec::new();
    match value {
        Value::Object(members) => {
            for name in members.keys() {
                let mut fewer: Map<String, Value> = members.clone();
                fewer.shift_remove(name);
                all.push(fewer.into());
            }
            for (name, inner) in members {
                for inner in reduced(inner) {
                    let mut plainer = members.clone();
                    plainer.insert(name.clone(), inner);
                    all.push(plainer.into());
                }
            }
        }
        Value::Array(items) => {
            for at in 0..items.len() {
                let mut fewer = items.clone();
                fewer.remove(at);
                all.push(fewer.into());
            }
            for (at, inner) in items.iter().enumerate() {
                for inner in reduced(inner) {
                    let mut plainer = items.clone();
                    plainer[at] = inner;
                    all.push(plainer.into());
                }
            }
        }
        Value::String(text) if large::is_large(text) => all.push("a".into()),
        // A symbol means something; a long text is mostly long.
        Value::String(text) if text.len() > 1 && !text.contains("${") => {
            all.push("a".into());
            let half = text.char_indices().nth(text.chars().count() / 2).map_or(0, |(at, _)| at);
            all.extend(text.get(..half).map(Value::from));
            let shorter = text.char_indices().next_back().and_then(|(at, _)| text.get(..at));
            all.extend(shorter.map(Value::from));
        }
        Value::Number(number) => {
            let plainer = [json!(0), json!(1)].into_iter().filter(|plain| plain.as_f64() < number.as_f64());
            all.extend(plainer);
        }
        _ => {}
    }
    all
}

/// Keys are numbered in the order of their making.
fn renamed(sequence: Sequence) -> Sequence {
    let made: Vec<String> = sequence
        .steps
        .iter()
        .filter_map(|step| step.call()?.makes.clone())
        .filter(|name| name.starts_with('k'))
        .collect();
    let Ok(mut text) = serde_json::to_string(&sequence) else { return sequence };
    for (at, name) in made.iter().enumerate() {
        text = text.replace(&format!("${{{name}."), &format!("${{#{}.", at + 1));
        text = text.replace(&format!("\"makes\":\"{name}\""), &format!("\"makes\":\"#{}\"", at + 1));
    }
    text = text.replace("${#", "${k").replace("\"makes\":\"#", "\"makes\":\"k");
    serde_json::from_str(&text).unwrap_or(sequence)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn create(name: &str, makes: &str) -> Value {
        json!({ "do": "client", "operation": "createApiKey", "as": "alice", "makes": makes,
            "body": { "name": name, "metadata": { "a": 1 }, "prefix": "sk_" } })
    }

    fn sequence() -> Sequence {
        let verify = json!({ "do": "server", "operation": "verifyApiKey", "body": { "key": "${k7.key}" }, "times": 8 });
        let steps = [
            create("one", "k3"),
            create("a long name", "k7"),
            json!({ "do": "clock", "advanceMs": 604_800_001u64 }),
            create("x", "k9"),
            verify,
        ];
        let config = json!([{ "configId": "default", "rateLimit": { "enabled": false }, "enableMetadata": true }]);
        serde_json::from_value(json!({ "config": config, "setup": { "organizations": true }, "steps": steps })).unwrap()
    }

    fn block_on<T>(work: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(work)
    }

    fn shrunk(budget: usize, shows: impl Fn(&Sequence) -> bool) -> (Sequence, usize) {
        let mut asked = 0;
        let small = block_on(shrink(sequence(), budget, false, async |candidate: &Sequence| {
            asked += 1;
            shows(candidate)
        }));
        (small, asked)
    }

    #[test]
    fn what_does_not_matter_goes_and_what_matters_stays() {
        let shows = |candidate: &Sequence| {
            let text = serde_json::to_string(candidate).unwrap();
            let key = candidate.steps.iter().find_map(|step| step.call()?.makes.clone());
            let uses_it = key.is_some_and(|name| text.contains(&format!("${{{name}.key}}")));
            uses_it && text.contains("enableMetadata") && text.contains("metadata") && candidate.requests() > 4
        };
        let (small, asked) = shrunk(1000, shows);
        insta::assert_json_snapshot!(small, @r#"
        {
          "config": {
            "enableMetadata": true
          },
          "steps": [
            {
              "do": "client",
              "operation": "createApiKey",
              "as": "alice",
              "body": {
                "metadata": {}
              },
              "makes": "k1"
            },
            {
              "do": "server",
              "operation": "verifyApiKey",
              "body": {
                "key": "${k1.key}"
              },
              "times": 4
            }
          ]
        }
        "#);
        assert!(asked < 200, "{asked}");
    }

    #[test]
    fn the_budget_is_kept_and_what_it_gives_still_shows() {
        for budget in [0, 1, 5, 20] {
            let shows = |candidate: &Sequence| serde_json::to_string(candidate).unwrap().contains("a long name");
            let (small, asked) = shrunk(budget, shows);
            assert!(asked <= budget && shows(&small), "{budget}");
        }
    }

    #[test]
    fn options_that_are_fixed_stay() {
        let small = block_on(shrink(sequence(), 1000, true, async |_: &Sequence| true));
        assert_eq!((small.config, small.setup), (sequence().config, sequence().setup));
    }

    #[test]
    fn nothing_is_left_where_everything_shows_it() {
        assert_eq!(shrunk(1000, |_| true).0, Sequence { config: json!({}), ..Sequence::default() });
        assert_eq!(shrunk(1000, |_| false).0.steps.len(), 5);
    }
}
