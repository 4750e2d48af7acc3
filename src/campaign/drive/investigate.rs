//! What differs, looked into: kept at once, made as short as it gets, carried out again, and reported when it is news.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use super::{Drive, Event};
use crate::campaign::cause::Cause;
use crate::campaign::finding::{self, Finding, Kind, Origin, SCHEMA, Stability};
use crate::campaign::play::{Deviation, End, Subject, play};
use crate::campaign::sequence::Sequence;
use crate::campaign::shrink::shrink;

/// So often a rough cause is looked into: behind it there may be several.
const LOOKS: u64 = 4;

/// A finding is carried out so often again.
const AGAIN: u32 = 4;

/// After so many breaks in a row the target is given up.
const BREAKS: usize = 3;

impl Drive<'_> {
    /// A target that gave no answer. Whether it was this sequence that silenced it shows when it is alone.
    pub(super) async fn silence(
        &mut self,
        subject: &Arc<Subject>,
        number: u64,
        sequence: &Sequence,
        reason: String,
    ) -> io::Result<()> {
        let played = play(subject, sequence, &self.unique(&format!("alone-{number}"))).await;
        let (End::Broken(_), Some(step)) = (&played.end, played.silent) else { return Ok(()) };
        self.breaks += 1;
        if self.breaks >= BREAKS {
            self.summary.broken = Some(reason);
        }
        let Some(at) = sequence.steps.get(step) else { return Ok(()) };
        let mut cut = sequence.clone();
        cut.steps.truncate(step + 1);
        let deviation = Deviation { step, cause: Cause::silent(at), shown: Vec::new(), told: Vec::new() };
        let finding = self.finding(subject, number, cut, &deviation, Stability { shown: 2, of: 2 });
        self.report(finding)
    }

    /// Keeps a deviation at once, makes it as short as it gets, and finds out whether it is news.
    pub(super) async fn investigate(
        &mut self,
        subject: &Arc<Subject>,
        number: u64,
        sequence: &Sequence,
        deviation: Deviation,
    ) -> io::Result<()> {
        let rough = deviation.cause.clone();
        let met = self.progress.met.entry(rough.id_on(&subject.name)).or_default();
        *met += 1;
        if *met > LOOKS {
            return Ok(());
        }
        let mut cut = sequence.clone();
        cut.steps.truncate(deviation.step + 1);
        let first = self.finding(subject, number, cut.clone(), &deviation, Stability { shown: 1, of: 1 });
        let provisional = !self.causes.contains(&first.id());
        if provisional && let Some(store) = &self.campaign.store {
            store.save(&first)?;
        }
        let small = self.shrunk(subject, cut, &rough).await;
        let (stability, shown) = self.again(subject, &small, &rough).await;
        let finding = match shown {
            Some((deviation, small)) => {
                let mut finding = self.finding(subject, number, small, &deviation, stability);
                finding.shrunk = true;
                if let Some(step) = finding.sequence.steps.last() {
                    finding.cause = finding.cause.refined(step);
                    finding.summary = finding.cause.to_string();
                }
                finding
            }
            None => Finding { stability, blame: finding::blame(stability), ..first.clone() },
        };
        if provisional
            && finding.id() != first.id()
            && let Some(store) = &self.campaign.store
        {
            store.remove(&first)?;
        }
        self.report(finding)
    }

    fn report(&mut self, mut finding: Finding) -> io::Result<()> {
        let id = finding.id();
        let new = self.causes.insert(id.clone());
        let campaign = format!(
            "{} {}/{}",
            self.campaign.options.seed, self.campaign.options.shard.number, self.campaign.options.shard.of
        );
        let rough = finding.cause.rough().id_on(&finding.target);
        finding.seen = BTreeMap::from([(campaign, self.progress.met.get(&rough).copied().unwrap_or(1))]);
        if new && !self.progress.findings.contains(&id) {
            self.progress.findings.push(id);
        }
        if let Some(store) = &self.campaign.store {
            store.save(&finding)?;
        }
        if new {
            self.save_progress()?;
            (self.campaign.listener)(Event::Found(&finding));
            self.summary.findings.push(finding);
        }
        Ok(())
    }

    async fn shrunk(&self, subject: &Arc<Subject>, sequence: Sequence, rough: &Cause) -> Sequence {
        let mut asked = 0_u64;
        let stop = self.campaign.stop.clone();
        shrink(
            sequence,
            self.campaign.options.shrinking,
            self.campaign.ground.is_fixed(),
            async |candidate: &Sequence| {
                asked += 1;
                if *stop.borrow() {
                    return false;
                }
                let unique = self.unique(&format!("shrink-{}-{asked}", self.progress.sequences));
                let played = play(subject, candidate, &unique).await;
                played.deviation().is_some_and(|deviation| deviation.cause == *rough)
            },
        )
        .await
    }

    /// Carries it out again some times: how often does it show, and what does it show?
    async fn again(
        &self,
        subject: &Arc<Subject>,
        sequence: &Sequence,
        rough: &Cause,
    ) -> (Stability, Option<(Deviation, Sequence)>) {
        // The sequence that came out of the shrinking has shown it once.
        let mut stability = Stability { shown: 1, of: 1 };
        let mut shown = None;
        for time in 0..AGAIN {
            let unique = self.unique(&format!("again-{}-{time}", self.progress.sequences));
            let played = play(subject, sequence, &unique).await;
            stability.of += 1;
            if let Some(deviation) = played.deviation().filter(|deviation| deviation.cause == *rough) {
                stability.shown += 1;
                let mut cut = sequence.clone();
                cut.steps.truncate(deviation.step + 1);
                shown = Some((deviation.clone(), cut));
            }
        }
        (stability, shown)
    }

    fn finding(
        &self,
        subject: &Subject,
        number: u64,
        sequence: Sequence,
        deviation: &Deviation,
        stability: Stability,
    ) -> Finding {
        Finding {
            schema: SCHEMA,
            kind: Kind::Campaign,
            keyspec: env!("CARGO_PKG_VERSION").to_owned(),
            cause: deviation.cause.clone(),
            target: subject.name.clone(),
            implementation: subject.arena.implementation().to_owned(),
            edition: subject.arena.edition().to_string(),
            origin: Origin { seed: self.campaign.options.seed, number },
            step: deviation.step,
            summary: deviation.cause.to_string(),
            requirement: finding::requirement(sequence.steps.last()).to_owned(),
            blame: finding::blame(stability),
            mismatches: deviation.shown.clone(),
            told: deviation.told.clone(),
            sequence,
            stability,
            shrunk: false,
            seen: BTreeMap::new(),
        }
    }
}
