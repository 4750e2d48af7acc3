//! A campaign from its first sequence to its last: generate, play, keep what is new, shrink what is wrong.
//!
//! Sequences are played several at once and looked at in their order, in rounds whose sequences are made before any of
//! them is played: with equal seeds and equal answers a campaign is the same however many are played at once.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::StreamExt as _;
use schemars::JsonSchema;
use serde::Serialize;
use tokio::sync::watch;

use super::cause::Cause;
use super::corpus::Corpus;
use super::finding::{Finding, Kind, Origin, SCHEMA, Stability};
use super::ground::Ground;
use super::play::{Deviation, End, Played, Subject, play};
use super::sequence::Sequence;
use super::shrink::shrink;
use super::status::Status;
use super::store::{Progress, Store};
use crate::run::selection::Shard;

/// How long, how fast, from which seed.
#[derive(Debug, Clone)]
pub struct Options {
    pub seed: u64,
    pub shard: Shard,
    /// Requests to the first target, at least.
    pub operations: Option<u64>,
    pub time: Option<Duration>,
    /// Requests a second, at most.
    pub rate: Option<f64>,
    pub jobs: usize,
    /// Ends after so many findings.
    pub most_findings: Option<usize>,
    /// Questions that shrinking one finding may ask.
    pub shrinking: usize,
    /// A text that no other campaign has: keeps users of deployments apart that run already.
    pub unique: String,
}

/// Sequences of a round. A constant: it decides what a seed means.
const ROUND: u64 = 32;

/// So often a rough cause is looked into: behind it there may be several.
const LOOKS: u64 = 4;

/// A finding is carried out so often again.
const AGAIN: u32 = 4;

/// After so many breaks in a row the target is given up.
const BREAKS: usize = 3;

/// What a campaign tells while it goes on.
#[derive(Debug)]
pub enum Event<'a> {
    /// A saved finding was carried out again.
    Replayed(&'a Finding, Replay),
    /// New, and on the disk.
    Found(&'a Finding),
    Went(&'a Status),
}

/// What became of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replay {
    Fixed,
    /// It still differs in the same way.
    Failed,
    /// It differs in another way.
    Changed,
    /// It differs in a way that is known of this target.
    Known,
    /// The target has no such thing, or broke.
    NotObserved,
}

/// What came of a campaign. This is its `json` report.
#[derive(Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    pub schema: u32,
    pub seed: u64,
    /// All of them played every sequence.
    pub targets: Vec<String>,
    pub status: Status,
    pub findings: Vec<Finding>,
    /// Saved ones that still show.
    pub still_there: usize,
    pub fixed: usize,
    /// Why the target was given up.
    pub broken: Option<String>,
    pub interrupted: bool,
}

/// Everything that a campaign needs.
pub struct Campaign<'a> {
    pub ground: Ground,
    /// All of them play every sequence.
    pub subjects: Vec<Arc<Subject>>,
    pub options: Options,
    pub store: Option<Store>,
    /// Go on with what is in the store.
    pub resume: bool,
    pub stop: watch::Receiver<bool>,
    pub listener: &'a mut dyn FnMut(Event<'_>),
}

impl Campaign<'_> {
    /// Carries the campaign out.
    ///
    /// # Errors
    /// What could not be written to the store.
    pub async fn run(self) -> io::Result<Summary> {
        let begun = Instant::now();
        let name = self.name();
        let progress = match (&self.store, self.resume) {
            (Some(store), true) => store.progress(&name).unwrap_or_default(),
            (Some(store), false) => {
                store.forget(&name)?;
                Progress::default()
            }
            (None, _) => Progress::default(),
        };
        let mut drive = Drive {
            corpus: Corpus::default(),
            summary: Summary {
                schema: SCHEMA,
                seed: self.options.seed,
                targets: self.subjects.iter().map(|subject| subject.name.clone()).collect(),
                ..Summary::default()
            },
            progress,
            causes: BTreeSet::new(),
            breaks: 0,
            before: Duration::ZERO,
            begun,
            name,
            campaign: self,
        };
        drive.restore()?;
        drive.replay_saved().await?;
        drive.rounds().await?;
        drive.save_progress()?;
        drive.update_status();
        Ok(drive.summary)
    }

    /// Names this campaign among those that share a folder: seed, shard and targets.
    fn name(&self) -> String {
        let targets: Vec<&str> = self.subjects.iter().map(|subject| subject.name.as_str()).collect();
        let Shard { number, of } = self.options.shard;
        let text = format!("{}-{number}-of-{of}-{}", self.options.seed, targets.join("-"));
        text.chars()
            .map(|sign| if sign.is_ascii_alphanumeric() || sign == '.' { sign } else { '-' })
            .take(100)
            .collect()
    }
}

struct Drive<'a> {
    campaign: Campaign<'a>,
    name: String,
    corpus: Corpus,
    summary: Summary,
    progress: Progress,
    causes: BTreeSet<String>,
    breaks: usize,
    /// Time that was spent before the campaign was resumed.
    before: Duration,
    begun: Instant,
}

impl Drive<'_> {
    fn restore(&mut self) -> io::Result<()> {
        self.before = Duration::from_millis(self.progress.millis);
        let Some(store) = &self.campaign.store else { return Ok(()) };
        for (features, sequence) in store.kept(&self.name, self.progress.next) {
            self.corpus.learn(&sequence, features.iter());
        }
        let (saved, _) = store.findings()?;
        let own: BTreeSet<&String> = self.progress.findings.iter().collect();
        self.summary.findings = saved.into_iter().filter(|finding| own.contains(&finding.id())).collect();
        self.causes = self.summary.findings.iter().map(Finding::id).collect();
        Ok(())
    }

    /// Every campaign begins with what others have found on this target.
    async fn replay_saved(&mut self) -> io::Result<()> {
        let Some(store) = &self.campaign.store else { return Ok(()) };
        let (saved, _) = store.findings()?;
        for finding in saved {
            if self.is_over() {
                break;
            }
            let mut subjects = self.campaign.subjects.iter();
            let Some(subject) = subjects.find(|subject| subject.name == finding.target).cloned() else { continue };
            let (replay, _) = self::replay(&subject, &finding, &self.unique("again")).await;
            match replay {
                Replay::Fixed => self.summary.fixed += 1,
                Replay::Failed if !self.causes.contains(&finding.id()) => self.summary.still_there += 1,
                _ => {}
            }
            // It is known, and no news, unless it was broken off before it was as short as it gets.
            if finding.shrunk {
                self.causes.insert(finding.id());
            }
            self.corpus.keep(finding.sequence.clone());
            (self.campaign.listener)(Event::Replayed(&finding, replay));
        }
        Ok(())
    }

    async fn rounds(&mut self) -> io::Result<()> {
        while !self.is_over() {
            let first = self.progress.next;
            let Shard { number, of } = self.campaign.options.shard;
            let ground = &self.campaign.ground;
            let sequences: Vec<(u64, Sequence)> = (first..first + ROUND)
                .map(|at| {
                    // Shards take turns, so that no two of them draw the same sequence.
                    let global = at * of as u64 + number as u64 - 1;
                    (global, self.corpus.next(ground, self.campaign.options.seed, global))
                })
                .collect();
            self.round(sequences).await?;
            self.save_progress()?;
        }
        Ok(())
    }

    async fn round(&mut self, sequences: Vec<(u64, Sequence)>) -> io::Result<()> {
        let subjects = self.campaign.subjects.clone();
        let jobs = self.campaign.options.jobs.max(1);
        let unique = self.campaign.options.unique.clone();
        let mut playing = futures::stream::iter(sequences)
            .map(|(number, sequence)| {
                let (subjects, unique) = (subjects.clone(), unique.clone());
                async move {
                    let work = async move {
                        let mut all = Vec::new();
                        for (at, subject) in subjects.iter().enumerate() {
                            all.push(play(subject, &sequence, &format!("{unique}-{number}-{at}")).await);
                        }
                        (number, sequence, all)
                    };
                    tokio::spawn(work).await
                }
            })
            .buffered(jobs);
        while let Some(played) = playing.next().await {
            let (number, sequence, played) = played.map_err(io::Error::other)?;
            self.look(number, &sequence, played).await?;
            self.progress.next += 1;
            self.update_status();
            (self.campaign.listener)(Event::Went(&self.summary.status));
            if self.is_over() {
                break;
            }
            self.keep_to_rate().await;
        }
        Ok(())
    }

    /// What one sequence showed on all targets.
    async fn look(&mut self, number: u64, sequence: &Sequence, played: Vec<Played>) -> io::Result<()> {
        self.progress.sequences += 1;
        self.progress.operations += played.iter().map(|played| played.requests).max().unwrap_or(0);
        let features: BTreeSet<String> = played.iter().flat_map(|played| played.features.iter().cloned()).collect();
        if self.corpus.learn(sequence, features.iter())
            && let Some(store) = &self.campaign.store
        {
            let features: Vec<String> = features.into_iter().collect();
            store.keep(&self.name, self.progress.next, &features, sequence)?;
        }
        for (at, played) in played.into_iter().enumerate() {
            let Some(subject) = self.campaign.subjects.get(at).cloned() else { continue };
            for (operation, verdict) in &played.answered {
                *self.progress.answered.entry(operation.clone()).or_default().entry(verdict.clone()).or_default() += 1;
            }
            for known in &played.explained {
                *self.progress.explained.entry(known.clone()).or_default() += 1;
            }
            match played.end {
                End::Deviated(deviation) => self.investigate(&subject, number, sequence, deviation).await?,
                End::Broken(reason) => {
                    self.silence(&subject, number, sequence, reason).await?;
                    continue;
                }
                End::Agreed | End::Explained | End::NotApplicable(_) => {}
            }
            self.breaks = 0;
        }
        Ok(())
    }

    /// A target that gave no answer. Whether it was this sequence that silenced it shows when it is alone.
    async fn silence(
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
    async fn investigate(
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
                }
                finding
            }
            None => Finding { stability, ..first.clone() },
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
            differences: deviation.shown.clone(),
            told: deviation.told.clone(),
            sequence,
            stability,
            shrunk: false,
            seen: BTreeMap::new(),
        }
    }

    fn is_over(&self) -> bool {
        let options = &self.campaign.options;
        let spent = options.time.is_some_and(|time| self.elapsed() >= time);
        let done = options.operations.is_some_and(|operations| self.progress.operations >= operations);
        let enough = options.most_findings.is_some_and(|most| self.summary.findings.len() >= most);
        spent || done || enough || self.summary.broken.is_some() || *self.campaign.stop.borrow()
    }

    fn elapsed(&self) -> Duration {
        self.before + self.begun.elapsed()
    }

    async fn keep_to_rate(&self) {
        let Some(rate) = self.campaign.options.rate else { return };
        let due = Duration::try_from_secs_f64(self.progress.operations as f64 / rate).unwrap_or_default();
        let mut stop = self.campaign.stop.clone();
        tokio::select! {
            () = tokio::time::sleep(due.saturating_sub(self.elapsed())) => {}
            _ = stop.wait_for(|stop| *stop) => {}
        }
    }

    fn unique(&self, what: &str) -> String {
        format!("{}-{what}", self.campaign.options.unique)
    }

    fn save_progress(&mut self) -> io::Result<()> {
        self.progress.schema = SCHEMA;
        self.progress.millis = u64::try_from(self.elapsed().as_millis()).unwrap_or(u64::MAX);
        match &self.campaign.store {
            Some(store) => store.save_progress(&self.name, &self.progress),
            None => Ok(()),
        }
    }

    fn update_status(&mut self) {
        let elapsed = self.elapsed();
        self.summary.interrupted = *self.campaign.stop.borrow();
        self.summary.status = Status {
            operations: self.progress.operations,
            sequences: self.progress.sequences,
            millis: u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
            features: self.corpus.features(),
            kept: self.corpus.sequences(),
            answered: self.progress.answered.clone(),
            explained: self.progress.explained.clone(),
            findings: self.summary.findings.len(),
        };
    }
}

/// Carries a finding out again: what became of it, and what the target shows now.
pub async fn replay(subject: &Subject, finding: &Finding, unique: &str) -> (Replay, Played) {
    let played = play(subject, &finding.sequence, unique).await;
    let replay = match &played.end {
        End::Deviated(deviation) if deviation.cause == finding.cause.rough() => Replay::Failed,
        End::Deviated(_) => Replay::Changed,
        End::Agreed => Replay::Fixed,
        End::Explained => Replay::Known,
        End::Broken(_) if finding.cause.is_silent() => Replay::Failed,
        End::NotApplicable(_) | End::Broken(_) => Replay::NotObserved,
    };
    (replay, played)
}
