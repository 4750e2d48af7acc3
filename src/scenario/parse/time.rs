//! Durations such as `1d`, and times relative to now such as `now+30d-1ms`.

use crate::scenario::yaml::{Kind, Node};

use super::reader::Reader;

/// A hundred years: further away no test can say anything.
const LONGEST: u64 = 36_525 * 86_400_000;

const UNITS: &[(&str, u64)] = &[("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

impl Reader {
    /// Milliseconds.
    pub(super) fn duration(&mut self, node: &Node) -> Option<u64> {
        let text = if node.tag.is_none() { written(node) } else { None };
        match text.and_then(duration) {
            Some(milliseconds) => Some(milliseconds),
            None => {
                self.refuse(&node.place, "a duration is a whole number and `ms`, `s`, `m`, `h` or `d`: `90s`", None)
            }
        }
    }

    /// Milliseconds after now; the tag has been looked at.
    pub(super) fn relative_time(&mut self, node: &Node) -> Option<i64> {
        match written(node).and_then(relative) {
            Some(milliseconds) => Some(milliseconds),
            None => {
                let message = "a time here is `now` with durations added or taken away: `now`, `now+1d`, `now-1h+1ms`";
                self.refuse(&node.place, message, None)
            }
        }
    }
}

fn written(node: &Node) -> Option<&str> {
    match &node.kind {
        Kind::Text(text) => Some(text),
        _ => None,
    }
}

fn duration(text: &str) -> Option<u64> {
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let (_, unit) = UNITS.iter().find(|(unit, _)| *unit == &text[digits..])?;
    let milliseconds = text[..digits].parse::<u64>().ok()?.checked_mul(*unit)?;
    (milliseconds <= LONGEST).then_some(milliseconds)
}

fn relative(text: &str) -> Option<i64> {
    let mut rest = text.strip_prefix("now")?;
    let mut sum = 0_i64;
    while !rest.is_empty() {
        let (sign, after) =
            if let Some(after) = rest.strip_prefix('+') { (1, after) } else { (-1, rest.strip_prefix('-')?) };
        let end = after.find(['+', '-']).unwrap_or(after.len());
        sum = sum.checked_add(sign * i64::try_from(duration(&after[..end])?).ok()?)?;
        rest = &after[end..];
    }
    (sum.unsigned_abs() <= LONGEST).then_some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_a_number_and_a_unit() {
        assert_eq!(duration("250ms"), Some(250));
        assert_eq!(duration("2m"), Some(120_000));
        assert_eq!(duration("1d"), Some(86_400_000));
        for wrong in ["", "d", "1", "1.5d", "-1d", "1 d", "1w", "99999999999999999999d", "40000d"] {
            assert_eq!(duration(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn times_are_sums() {
        assert_eq!(relative("now"), Some(0));
        assert_eq!(relative("now+1d-1ms"), Some(86_399_999));
        assert_eq!(relative("now-1h"), Some(-3_600_000));
        for wrong in ["", "no", "now1d", "now+", "now+-1d", "1d", "now + 1d"] {
            assert_eq!(relative(wrong), None, "{wrong}");
        }
    }
}
