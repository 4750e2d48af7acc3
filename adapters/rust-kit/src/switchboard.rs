//! The process that keyspec starts: says hello and hands every other request to the deployment that it is for.

use std::collections::{HashMap, HashSet};
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use crate::frame::{self, Instead, Request};
use crate::{About, clock};

/// A deployment's process, and what it still has to answer.
struct Process {
    child: Child,
    input: ChildStdin,
    pending: Arc<Mutex<HashSet<u64>>>,
}

pub(crate) fn serve(about: &About) -> Result<(), std::io::Error> {
    let mut processes: HashMap<String, Process> = HashMap::new();
    let mut started = 0_u64;
    for line in std::io::stdin().lines() {
        let line = line?;
        let Some(request) = Request::read(&line) else { continue };
        let answer = match request.op.as_str() {
            "hello" => Ok(hello(about)),
            "start" => {
                started += 1;
                let name = format!("d{started}");
                match Process::start(&name) {
                    Ok(process) => {
                        process.ask(&request.id, &line);
                        processes.insert(name, process);
                        continue;
                    }
                    Err(error) => Err(Instead::failure(error)),
                }
            }
            op => match processes.get(request.text("deployment")) {
                Some(_) if op == "stop" => {
                    if let Some(process) = processes.remove(request.text("deployment")) {
                        process.stop();
                    }
                    Ok(json!({}))
                }
                Some(process) => {
                    process.ask(&request.id, &line);
                    continue;
                }
                None => Err(Instead::Failure(format!("there is no deployment `{}`", request.text("deployment")))),
            },
        };
        frame::write(&frame::reply(&request.id, answer));
    }
    processes.into_values().for_each(Process::stop);
    Ok(())
}

fn hello(about: &About) -> Value {
    let capabilities: Vec<&str> = about.capabilities.iter().chain(clock::CAPABILITIES).copied().collect();
    json!({
        "protocol": 1,
        "implementation": {"name": about.name, "version": about.version, "language": "rust", "url": about.url},
        "edition": about.edition,
        "capabilities": capabilities,
        "presets": about.presets,
    })
}

impl Process {
    fn start(name: &str) -> Result<Self, std::io::Error> {
        let mut child =
            Command::new(std::env::current_exe()?).arg(name).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(std::io::Error::other("the streams of a deployment could not be opened"));
        };
        let pending: Arc<Mutex<HashSet<u64>>> = Arc::default();
        let waiting = Arc::clone(&pending);
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                let answered = Request::id_of(&line);
                if answered.is_some_and(|id| lock(&waiting).remove(&id)) {
                    frame::write(&line);
                } else {
                    // Not of the protocol: something that the implementation printed.
                    eprintln!("{line}");
                }
            }
            for id in lock(&waiting).drain() {
                frame::write(&frame::reply(&json!(id), Err(Instead::failure("the process of the deployment ended"))));
            }
        });
        Ok(Self { child, input, pending })
    }

    fn ask(&self, id: &Value, line: &str) {
        if let Some(id) = id.as_u64() {
            lock(&self.pending).insert(id);
        }
        let mut input = &self.input;
        if writeln!(input, "{line}").is_err() && id.as_u64().is_some_and(|id| lock(&self.pending).remove(&id)) {
            frame::write(&frame::reply(id, Err(Instead::failure("the process of the deployment has ended"))));
        }
    }

    /// Its port is closed and its data are gone when this returns.
    fn stop(mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
