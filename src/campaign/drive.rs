//! A campaign from its first sequence to its last: generate, play, keep what is new, shrink what is wrong.
//!
//! Sequences are played several at once and looked at in their order, in rounds whose sequences are made before any of
//! them is played: with equal seeds and equal answers a campaign is the same however many are played at once.

mod investigate;

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::StreamExt as _;
use tokio::sync::watch;

use super::corpus::Corpus;
use super::finding::{Finding, SCHEMA};
use super::ground::Ground;
use super::play::{End, Played, Subject, play};
use super::replay::{Replay, replay};
use super::sequence::Sequence;
use super::status::Status;
use super::store::{Progress, Store};
use super::summary::Summary;
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

/// After so many sequences in a row that could not even begin the target is given up.
const IDLE: usize = 200;

/// So many reasons are told apart, and so many letters of each.
const REASONS: (usize, usize) = (20, 200);

/// What a campaign tells while it goes on.
#[derive(Debug)]
pub enum Event<'a> {
    /// A saved finding was carried out again.
    Replayed(&'a Finding, Replay),
    /// New, and on the disk.
    Found(&'a Finding),
    Went(&'a Status),
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
            settled: progress.clone(),
            progress,
            causes: BTreeSet::new(),
            idle: 0,
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
    /// As it was when the last round was finished: from there a broken-off campaign goes on.
    settled: Progress,
    causes: BTreeSet<String>,
    /// Sequences in a row that no target could begin.
    idle: usize,
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
        let resumed = self.progress.schema > 0;
        for finding in saved {
            if self.is_over() {
                break;
            }
            let mut subjects = self.campaign.subjects.iter();
            let Some(subject) = subjects.find(|subject| subject.name == finding.target).cloned() else { continue };
            let (replay, _) = replay(&subject, &finding, &self.unique("again")).await;
            match replay {
                Replay::Fixed => self.summary.fixed += 1,
                Replay::Failed if !self.causes.contains(&finding.id()) => self.summary.still_there += 1,
                _ => {}
            }
            // It is known, and no news, unless it was broken off before it was as short as it gets.
            if finding.shrunk {
                self.causes.insert(finding.id());
            }
            // Who goes on has learnt the same as before: what it has found itself since then is no part of that.
            if !resumed {
                self.settled.learnt.push(finding.id());
            }
            if self.settled.learnt.contains(&finding.id()) {
                self.corpus.keep(finding.sequence.clone());
            }
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
            if self.round(sequences).await? {
                self.progress.next = first + ROUND;
                self.progress.learnt.clone_from(&self.settled.learnt);
                self.settled = self.progress.clone();
            }
            self.save_progress()?;
        }
        Ok(())
    }

    /// Was it played to its end?
    async fn round(&mut self, sequences: Vec<(u64, Sequence)>) -> io::Result<bool> {
        let mut left = sequences.len();
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
            left -= 1;
            self.update_status();
            (self.campaign.listener)(Event::Went(&self.summary.status));
            if self.is_over() {
                break;
            }
            self.keep_to_rate().await;
        }
        Ok(left == 0)
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
                End::Deviated(deviation) => {
                    self.idle = 0;
                    self.investigate(&subject, number, sequence, deviation).await?;
                }
                End::Broken(reason) => {
                    self.silence(&subject, number, sequence, reason).await?;
                    continue;
                }
                End::NotApplicable(reason) => self.pass_over(&reason, played.requests),
                End::Agreed | End::Explained => self.idle = 0,
            }
            self.breaks = 0;
        }
        Ok(())
    }

    /// A sequence that a target could not play to its end. One that refuses whatever it is asked for has broken.
    fn pass_over(&mut self, reason: &str, requests: u64) {
        let reason: String = reason.chars().take(REASONS.1).collect();
        let known = self.progress.unplayed.len();
        if known < REASONS.0 || self.progress.unplayed.contains_key(&reason) {
            *self.progress.unplayed.entry(reason.clone()).or_default() += 1;
        }
        self.idle = if requests == 0 { self.idle + 1 } else { 0 };
        if self.idle >= IDLE {
            self.summary.broken = Some(format!("{IDLE} sequences in a row could not begin: {reason}"));
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
        self.settled.schema = SCHEMA;
        self.settled.millis = u64::try_from(self.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.settled.findings.clone_from(&self.progress.findings);
        match &self.campaign.store {
            Some(store) => store.save_progress(&self.name, &self.settled),
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
            unplayed: self.progress.unplayed.clone(),
            findings: self.summary.findings.len(),
        };
    }
}
