//! How many faults of the reference a property sees: for the tests of the fuzz targets, and for the numbers in the docs.

use crate::spec::fault::Fault;

/// Parts faults into those that are seen and those that are not, on several threads.
pub(super) fn part(faults: &[Fault], is_seen: impl Fn(Fault) -> bool + Sync) -> (Vec<Fault>, Vec<Fault>) {
    let look = |part: &[Fault]| part.iter().map(|&fault| (fault, is_seen(fault))).collect::<Vec<_>>();
    let look = &look;
    let looked: Vec<(Fault, bool)> = std::thread::scope(|scope| {
        let parts: Vec<_> =
            faults.chunks(faults.len().div_ceil(4).max(1)).map(|part| scope.spawn(move || look(part))).collect();
        parts.into_iter().flat_map(|part| part.join().unwrap()).collect()
    });
    let (seen, missed): (Vec<_>, Vec<_>) = looked.into_iter().partition(|(_, seen)| *seen);
    let faults = |all: Vec<(Fault, bool)>| all.into_iter().map(|(fault, _)| fault).collect();
    (faults(seen), faults(missed))
}

/// Prints how many of these faults are seen, and which are not.
pub(super) fn count(name: &str, inputs: u64, faults: &[Fault], is_seen: impl Fn(Fault, u64) -> bool + Sync) {
    let (seen, missed) = part(faults, |fault| is_seen(fault, inputs));
    let missed: Vec<_> = missed.into_iter().map(Fault::id).collect();
    println!("{name}: {inputs} inputs see {} of {} faults; not {}", seen.len(), faults.len(), missed.join(", "));
}
