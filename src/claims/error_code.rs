//! Claims about errors that sentences name: the code comes under its condition, and has the members that are promised.

use serde_json::{Value, json};

use super::claim::{Claim, Probe, Spot};
use super::page::{Code, Page};
use super::probe::{Story, expect, tag};

/// Does a word of code name an error, or a member of one? `RATE_LIMITED`, `tryAgainIn`.
pub(super) fn is_one(word: &str) -> bool {
    let upper = word.len() > 4 && word.contains('_') && word.chars().all(|c| c.is_ascii_uppercase() || c == '_');
    upper || word == "tryAgainIn"
}

/// The claim that an error is as it is named.
pub(super) fn claim(page: &Page, code: &Code) -> Claim {
    let spot = Spot { file: &page.name, line: code.line, anchor: &code.anchor };
    let statement = match condition(&code.word) {
        Some(condition) => format!("{condition} is answered with `{}`.", code.word),
        None => format!("`{}` is answered under its condition.", code.word),
    };
    Claim::new(spot, &["error", &code.word, "answered"], statement, Probe::of(story(&code.word)))
}

fn condition(word: &str) -> Option<&'static str> {
    Some(match word {
        "RATE_LIMITED" | "tryAgainIn" => "A use beyond the rate limit",
        "KEY_DISABLED" => "A use of a disabled key",
        "KEY_EXPIRED" => "A use of an expired key",
        "USAGE_EXCEEDED" => "A use when nothing remains",
        _ => return None,
    })
}

fn story(word: &str) -> Result<Story, String> {
    let code = json!({ "error": { "code": word } });
    let limits = json!({ "rateLimitEnabled": true, "rateLimitMax": 1, "rateLimitTimeWindow": 86_400_000 });
    Ok(match word {
        "RATE_LIMITED" => used_up(limits, code),
        "tryAgainIn" => used_up(limits, json!({ "error": { "details": { "tryAgainIn": tag("type", "number") } } })),
        "USAGE_EXCEEDED" => used_up(json!({ "remaining": 1 }), code),
        _ => return Err("the condition of this error is not tried yet".to_owned()),
    })
}

/// A key that one use uses up, and what the next is answered.
fn used_up(mut limits: Value, mut answer: Value) -> Story {
    limits["userId"] = "$alice.userId".into();
    answer["valid"] = false.into();
    Story::new(vec![
        json!({ "server": "createApiKey", "body": limits, "capture": { "key": "body.key" } }),
        json!({ "id": "first", "server": "verifyApiKey", "body": { "key": "$key" } }),
        json!({ "server": "verifyApiKey", "body": { "key": "$key" }, "expect": expect(json!({ "body": answer })), "twin": "first" }),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_codes_are_codes() {
        assert!(is_one("RATE_LIMITED") && is_one("tryAgainIn"));
        assert!(!is_one("rateLimitMax") && !is_one("GET") && !is_one("null"));
    }
}
