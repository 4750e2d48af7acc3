//! Sequences made of others: what brought something new once is likely to do it again.

use serde_json::Value;

use super::generate;
use super::ground::Ground;
use super::sequence::{MOST_AT_ONCE, Sequence, Step};
use super::source::Source;
use super::value;

/// A longer sequence is not made. Steps.
const LONGEST: usize = 60;

/// Changes a sequence in one to three places. `other` gives steps and configurations.
pub fn mutate(ground: &Ground, source: &mut impl Source, sequence: &Sequence, other: &Sequence) -> Sequence {
    let mut new = sequence.clone();
    for _ in 0..1 + source.below(3) {
        change(ground, source, &mut new, other);
    }
    new.steps.truncate(LONGEST);
    new
}

fn change(ground: &Ground, source: &mut impl Source, sequence: &mut Sequence, other: &Sequence) {
    let steps = &mut sequence.steps;
    let at = source.below(steps.len());
    match source.weighted(&[22, 12, 10, 12, 10, 16, 8, 3, 10]) {
        0 => {
            let further = 1 + source.below(6);
            *sequence = generate::extend(ground, source, std::mem::take(sequence), further);
        }
        1 if !steps.is_empty() => drop(steps.remove(at)),
        2 if !steps.is_empty() => {
            let step = steps[at].clone();
            steps.insert(at, step);
        }
        3 if !steps.is_empty() => {
            let to = source.below(steps.len());
            steps.swap(at, to);
        }
        4 => {
            let from = source.below(other.steps.len());
            let length = 1 + source.below(8);
            let part: Vec<Step> = other.steps.iter().skip(from).take(length).cloned().collect();
            steps.splice(at..at, part);
        }
        5 => {
            if let Some(step) = steps.get_mut(at) {
                retouch(source, step);
            }
        }
        6 if ground.clock => {
            let advance_ms = value::time(source);
            steps.insert(at, Step::Clock { advance_ms });
        }
        7 if ground.restarts => {
            steps.insert(at, Step::Restart { config: None });
            sequence.make_lasting();
        }
        _ => {
            let theme = ground.theme(source);
            (sequence.config, sequence.setup) = ground.configuration(source, theme);
            if sequence.restarts() {
                sequence.make_lasting();
            }
        }
    }
}

/// Another value for a member of the step, or the member taken away.
fn retouch(source: &mut impl Source, step: &mut Step) {
    if let Step::Clock { advance_ms } = step {
        *advance_ms = value::time(source);
        return;
    }
    let Some(call) = step.call_mut() else { return };
    if call.times > 1 {
        call.times = 1 + u32::try_from(source.below(MOST_AT_ONCE as usize / 2)).unwrap_or(1);
        return;
    }
    let Some(members) = call.body.as_mut().or(call.query.as_mut()).and_then(Value::as_object_mut) else { return };
    let names: Vec<String> = members.keys().cloned().collect();
    let Some(name) = source.pick(&names) else { return };
    let value = match name.as_str() {
        _ if source.chance(20) => return drop(members.shift_remove(name)),
        "name" => value::name(source),
        "prefix" => value::prefix(source),
        "metadata" => value::metadata(source),
        "expiresIn" => value::expires_in(source),
        "permissions" => value::permissions(source),
        "remaining" => value::count(source),
        "refillAmount" => value::amount(source),
        "rateLimitMax" => value::maximum(source),
        "refillInterval" | "rateLimitTimeWindow" => value::interval(source),
        "enabled" | "rateLimitEnabled" => value::flag(source),
        _ if source.chance(15) => value::wrong(source),
        _ => return,
    };
    members.insert(name.clone(), value);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::campaign::source::Seeded;

    #[test]
    fn mutation_is_repeatable_and_bounded() {
        let all = crate::scenario::needs::CAPABILITIES.iter().map(|&name| name.to_owned()).collect();
        let ground = Ground::new(crate::spec::edition::Edition::newest(), &all, None);
        let draw = |number| generate::sequence(&ground, &mut Seeded::new(1, number));
        let mut changed = 0;
        for number in 0..100 {
            let (one, other) = (draw(number), draw(number + 1000));
            let make = || mutate(&ground, &mut Seeded::new(2, number), &one, &other);
            assert_eq!(make(), make());
            assert!(make().steps.len() <= LONGEST);
            changed += usize::from(make() != one);
        }
        assert!(changed > 80, "{changed}");
        assert!(
            mutate(&ground, &mut Seeded::new(2, 1), &Sequence::default(), &Sequence::default()).steps.len() <= LONGEST
        );
    }
}
