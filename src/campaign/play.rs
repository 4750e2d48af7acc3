//! One sequence on one target, and on the model beside it: step by step, until they differ.

use std::collections::BTreeSet;

use serde_json::Value;

use super::answer::Answer;
use super::bind;
use super::cause::Cause;
use super::compare::{Mismatch, Tolerance, mismatches};
use super::finding::Told;
use super::invariant::Watch;
use super::known::{Avoid, Known};
use super::name::Names;
use super::player::{Arena, ModelPlayer, Player, Stop};
use super::sequence::{Sequence, Step};
use super::side::{Asked, Side};
use crate::deployment::redact::Secrets;
use crate::outcome::finding::Difference;
use crate::spec::edition::Edition;
use crate::spec::operation::Method;
use crate::spec::request::Reply;

/// A target with what is known of it.
#[derive(Debug, Clone)]
pub struct Subject {
    /// As it was named.
    pub name: String,
    pub arena: Arena,
    pub known: Known,
}

/// What a sequence showed on one target.
#[derive(Debug, Default)]
pub struct Played {
    /// Kinds of answers, for the steering: each a step, how it was sent and what came of it.
    pub features: BTreeSet<String>,
    /// Operation and verdict of every step that was answered.
    pub answered: Vec<(String, String)>,
    /// Requests that the target was sent.
    pub requests: u64,
    /// The ids of known differences that were met.
    pub explained: BTreeSet<String>,
    pub end: End,
    /// The step that got no answer.
    pub silent: Option<usize>,
}

/// How it ended.
#[derive(Debug, Default)]
pub enum End {
    #[default]
    Agreed,
    /// The target differs, and nothing explains it.
    Deviated(Deviation),
    /// A known difference that the model does not imitate: what comes after it cannot be judged.
    Explained,
    /// The target has no such thing.
    NotApplicable(String),
    /// The target or its surroundings broke.
    Broken(String),
}

/// The first step at which a target differs.
#[derive(Debug, Clone)]
pub struct Deviation {
    pub step: usize,
    pub cause: Cause,
    /// Where it differs, for people.
    pub shown: Vec<Difference>,
    /// What was expected and answered up to this step.
    pub told: Vec<Option<Told>>,
}

/// How exactly the times of a clock that runs are compared. Milliseconds.
const RUNNING: Tolerance = 5_000;

impl Played {
    pub fn deviation(&self) -> Option<&Deviation> {
        match &self.end {
            End::Deviated(deviation) => Some(deviation),
            _ => None,
        }
    }
}

/// Carries a sequence out. `unique` is a text that no other sequence has.
pub async fn play(subject: &Subject, sequence: &Sequence, unique: &str) -> Played {
    let mut played = Played::default();
    let mut stage = match Stage::set(subject, sequence, unique).await {
        Ok(stage) => stage,
        Err(stop) => {
            played.end = stop.into();
            return played;
        }
    };
    for at in 0..sequence.steps.len() {
        match stage.step(at, &mut played).await {
            Ok(true) => {}
            Ok(false) => break,
            Err(stop) => {
                played.end = stop.into();
                played.silent = Some(at);
                break;
            }
        }
    }
    stage.target.player.leave().await;
    played
}

struct Stage<'a> {
    subject: &'a Subject,
    sequence: &'a Sequence,
    target: Side,
    oracle: Side,
    start: i64,
    watch: Watch,
    last: String,
    told: Vec<Option<Told>>,
    /// What both sides have answered: the secrets in it must not be told.
    passed: Vec<Reply>,
}

impl<'a> Stage<'a> {
    async fn set(subject: &'a Subject, sequence: &'a Sequence, unique: &str) -> Result<Self, Stop> {
        let edition = subject.arena.edition();
        let (config, setup) = (&sequence.config, &sequence.setup);
        // The model is asked first: what it does not know needs no deployment.
        let model = ModelPlayer::new(edition, subject.known.imitated(), 1, config, setup, 0)?;
        let player = subject.arena.enter(config, setup, unique, sequence.restarts()).await?;
        let start = player.now();
        let side = |player| Side { player, names: Names::default() };
        let (target, oracle) = (side(player), side(Player::Model(Box::new(model))));
        let (watch, last, told, passed) = (Watch::default(), String::new(), Vec::new(), Vec::new());
        let mut stage = Self { subject, sequence, target, oracle, start, watch, last, told, passed };
        stage.synchronize();
        for name in sequence.actors() {
            for side in [&mut stage.target, &mut stage.oracle] {
                let (id, headers) = side.player.actor(name).await?;
                side.names.bind_actor(name, &id, headers);
            }
        }
        Ok(stage)
    }

    fn edition(&self) -> &'a Edition {
        self.subject.arena.edition()
    }

    /// The model lives in the target's time.
    fn synchronize(&mut self) {
        let now = self.target.player.now();
        if let Player::Model(model) = &mut self.oracle.player {
            model.set_now(now);
        }
    }

    /// Carries out one step. `false`: the sequence ends here.
    async fn step(&mut self, at: usize, played: &mut Played) -> Result<bool, Stop> {
        let Some(step) = self.sequence.steps.get(at) else { return Ok(false) };
        match step {
            Step::Clock { advance_ms } => {
                self.target.player.advance(*advance_ms).await?;
                self.synchronize();
                self.told.push(None);
                Ok(true)
            }
            Step::Restart { config } => {
                let config = config.as_ref().unwrap_or(&self.sequence.config);
                self.oracle.player.restart(config).await?;
                self.target.player.restart(config).await?;
                self.synchronize();
                self.watch.restarted(step);
                self.told.push(None);
                Ok(true)
            }
            Step::Organization { actor, organization, act } => {
                played.requests += step.requests();
                self.told.push(None);
                let edition = self.edition();
                let there = self.target.organize(edition, actor, organization, act).await?;
                let here = self.oracle.organize(edition, actor, organization, act).await?;
                // How organizations are managed is no part of this spec: where that differs, nothing more can be said.
                Ok(there == here)
            }
            _ => self.request(at, step, played).await,
        }
    }

    async fn request(&mut self, at: usize, step: &Step, played: &mut Played) -> Result<bool, Stop> {
        let times = bind::times(step);
        self.synchronize();
        if self.subject.known.avoids(Avoid::EndlessWindow) && self.would_hang(step) {
            self.told.push(None);
            return Ok(true);
        }
        if self.subject.known.avoids(Avoid::WindowEnd) && !self.step_aside(times).await? {
            self.told.push(None);
            return Ok(true);
        }
        let (edition, start, operation) = (self.edition(), self.start, self.operation(step));
        // A key that nobody named is known all the same: by its step.
        let unnamed = (operation == Some(Method::CreateApiKey)).then(|| format!("s{}", at + 1));
        let name = step.call().and_then(|call| call.makes.clone()).or(unnamed);
        let asked = Asked { edition, step, operation, times, start, name: name.as_deref() };
        let expected = self.oracle.ask(&asked).await?;
        let large = !matches!(step, Step::Server { .. }) && expected.iter().any(|(_, own)| own.iter().any(is_large));
        if let Some(entry) = self.subject.known.avoiding(Avoid::LargeReplies).filter(|_| large) {
            played.explained.insert(entry.id.clone());
            played.end = End::Explained;
            return Ok(false);
        }
        let actual = self.target.ask(&asked).await?;
        let (Some((mut expected, own)), Some((mut actual, replies))) = (expected, actual) else { return Ok(true) };
        if operation == Some(Method::ListApiKeys) && !is_sorted(step) {
            // Nothing says in which order keys are listed unless somebody asks for one.
            [&mut expected, &mut actual].into_iter().for_each(Answer::forget_order);
        }
        played.requests += u64::from(times);
        self.note(step, &actual, played);
        let tolerance = if self.target.player.has_exact_clock() { 0 } else { RUNNING };
        let mut found = mismatches(&expected, &actual, tolerance);
        found.extend(self.watch.look(step, &replies, &actual, &expected));
        // Two refusals leave two deployments as they were, whatever they say.
        let both_refuse = expected.status >= 400 && actual.status >= 400;
        self.told.push(Some(Told { expected: expected.summary(), actual: actual.summary() }));
        self.passed.extend(replies);
        self.passed.extend(own);
        self.judge(at, step, found, both_refuse, played)
    }

    /// Is it a use, while some key has a window without an end?
    fn would_hang(&self, step: &Step) -> bool {
        let uses = step.operation() == Some(Method::VerifyApiKey) || step.channel() == "key";
        matches!(&self.oracle.player, Player::Model(model) if uses && model.has_endless_window())
    }

    /// Gets out of the way of a window's end: a millisecond later it is over. `false`: the step cannot be carried out.
    async fn step_aside(&mut self, times: u32) -> Result<bool, Stop> {
        loop {
            let Player::Model(model) = &self.oracle.player else { return Ok(true) };
            if !model.is_window_end() {
                return Ok(times == 1 || !model.has_empty_window());
            }
            self.target.player.advance(1).await?;
            self.synchronize();
        }
    }

    /// Are the mismatches known? `false`: they are not, or nothing after them can be judged.
    fn judge(
        &self,
        at: usize,
        step: &Step,
        found: Vec<Mismatch>,
        both_refuse: bool,
        played: &mut Played,
    ) -> Result<bool, Stop> {
        let (mut news, mut parted) = (Vec::new(), false);
        for mismatch in found {
            match self.subject.known.explains(self.sequence, at, &mismatch) {
                Some(entry) => {
                    played.explained.insert(entry.id.clone());
                    parted |= !both_refuse && (mismatch.path == "verdict" || mismatch.path == "body");
                }
                None => news.push(mismatch),
            }
        }
        // What follows from a known difference of the verdict is part of it.
        if parted {
            played.end = End::Explained;
            return Ok(false);
        }
        let Some(deviation) = self.deviation(at, step, &news) else { return Ok(true) };
        played.end = End::Deviated(deviation);
        Ok(false)
    }

    /// The story up to here, without any secret: what a target shows where it does not belong is shown to nobody else.
    fn deviation(&self, at: usize, step: &Step, news: &[Mismatch]) -> Option<Deviation> {
        let secrets = Secrets::default();
        for reply in &self.passed {
            reply.headers.iter().for_each(|(name, value)| secrets.learn_header(name, value));
            reply.body.iter().for_each(|body| secrets.learn_issued(body));
        }
        for (name, value) in self.sequence.actors().iter().filter_map(|name| self.target.names.headers(name)).flatten()
        {
            secrets.learn_header(name, value);
        }
        let mut cause = Cause::of(step, news.first()?);
        (cause.expected, cause.actual) = (secrets.redact(&cause.expected), secrets.redact(&cause.actual));
        let show = |mismatch: &Mismatch| {
            let Difference { path, expected, actual } = mismatch.show();
            let (expected, actual) = (secrets.redact(&expected), secrets.redact(&actual));
            Difference { path: secrets.redact(&path), expected, actual }
        };
        let tell = |told: &Option<Told>| {
            let Told { expected, actual } = told.as_ref()?;
            Some(Told { expected: secrets.redact(expected), actual: secrets.redact(actual) })
        };
        let (shown, told) = (news.iter().map(show).collect(), self.told.iter().map(tell).collect());
        Some(Deviation { step: at, cause, shown, told })
    }

    /// The operation that a step asks for, so that its answer is read right: a path can lead to one as well.
    fn operation(&self, step: &Step) -> Option<Method> {
        match step {
            Step::Route { method, path, .. } => Method::at(self.edition(), method, path),
            step => step.operation(),
        }
    }

    fn note(&mut self, step: &Step, answer: &Answer, played: &mut Played) {
        let kind = format!("{} {} {}", step.name(), step.channel(), answer.verdict);
        let shape = answer.body.as_ref().map(shape).unwrap_or_default();
        played.features.insert(format!("{} > {kind}", self.last));
        played.features.insert(format!("{kind} {shape}"));
        played.answered.push((step.name(), answer.verdict.clone()));
        self.last = format!("{} {}", step.name(), answer.verdict);
    }
}

/// More bytes than some releases can send over HTTP, with some to spare.
const LARGE: usize = 15_000;

fn is_large(reply: &Reply) -> bool {
    reply.body.as_ref().is_some_and(|body| body.to_string().len() > LARGE)
}

/// Does the request ask for an order, or for a part of the list, which has one?
fn is_sorted(step: &Step) -> bool {
    let query = step.call().and_then(|call| call.query.as_ref());
    query.is_some_and(|query| ["sortBy", "limit", "offset"].iter().any(|name| query.get(name).is_some()))
}

/// The form of a document without its values.
fn shape(value: &Value) -> String {
    match value {
        Value::Null => "0".to_owned(),
        Value::Bool(_) => "b".to_owned(),
        Value::Number(_) => "n".to_owned(),
        Value::String(_) => "s".to_owned(),
        Value::Array(items) => format!("[{}]", items.first().map(shape).unwrap_or_default()),
        Value::Object(members) if members.len() > 40 => "{…}".to_owned(),
        Value::Object(members) => {
            let members = members.iter().filter(|(name, _)| *name != "metadata" && *name != "permissions");
            members.map(|(name, value)| format!("{name}{}", shape(value))).collect()
        }
    }
}

impl From<Stop> for End {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::NotApplicable(reason) => Self::NotApplicable(reason),
            Stop::Broken(reason) => Self::Broken(reason),
        }
    }
}
