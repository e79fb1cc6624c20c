//! Open pages: each follows the workspace's stream and notes when it hears of what.

use std::{
    sync::mpsc::{self, Receiver, RecvTimeoutError},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::bench::{api::Api, logs::Socket};

/// How many pages are open.
pub(super) const PAGES: usize = 100;
/// Longer than any change takes to reach a page.
const DEADLINE: Duration = Duration::from_secs(30);
/// When nothing came for so long, nothing more will come of what was done.
const QUIET: Duration = Duration::from_secs(1);

/// What a browser takes a page in; not compressed, since nobody here could read it.
const CODINGS: &str = "identity";

/// A page heard of a deployment.
struct Heard {
    page: usize,
    deployment_id: String,
    at: Instant,
}

/// Pages of one person, until the server ends.
pub(super) struct Pages(Receiver<Heard>);

impl Pages {
    pub(super) fn open(api: &Api) -> Result<Self> {
        let (hear, heard) = mpsc::channel();
        for page in 0..PAGES {
            let mut stream = api.stream("/stream")?;
            // The first message says that the page is up to date from now on.
            message(&mut stream)?;
            let hear = hear.clone();
            thread::spawn(move || {
                while let Ok(deployment_id) = message(&mut stream) {
                    let at = Instant::now();
                    let heard = deployment_id.map(|deployment_id| Heard {
                        page,
                        deployment_id,
                        at,
                    });
                    if heard.is_some_and(|heard| hear.send(heard).is_err()) {
                        return;
                    }
                }
            });
        }
        Ok(Self(heard))
    }

    /// The moment when the last of them heard of a deployment for the first time.
    pub(super) fn all_heard_of(&self, deployment_id: &str) -> Result<Instant> {
        let mut waiting = [true; PAGES];
        loop {
            let heard = self.0.recv_timeout(DEADLINE);
            let heard = heard.context("a page does not hear of a change")?;
            if heard.deployment_id == deployment_id {
                waiting[heard.page] = false;
            }
            if !waiting.contains(&true) {
                return Ok(heard.at);
            }
        }
    }

    /// The moment when the last of them, which draw themselves anew as soon as they hear of
    /// something, like a browser's, shows a deployment in the list.
    pub(super) fn all_show(&self, api: &Api, deployment_id: &str) -> Result<Instant> {
        let list = format!("/workspace/{}/deployment", api.workspace_id);
        let draw = || {
            let page = api.browse(&list, CODINGS)?;
            ensure!(page.text().contains(deployment_id), "it is not shown");
            Ok(Instant::now())
        };
        thread::scope(|scope| {
            let mut waiting = [true; PAGES];
            let mut drawing = Vec::new();
            while waiting.contains(&true) {
                let heard = self.0.recv_timeout(DEADLINE);
                let heard = heard.context("a page does not hear of a change")?;
                if heard.deployment_id == deployment_id && waiting[heard.page] {
                    waiting[heard.page] = false;
                    drawing.push(scope.spawn(draw));
                }
            }
            let drawn = drawing.into_iter().map(|page| match page.join() {
                Ok(at) => at,
                Err(_) => bail!("a page is gone"),
            });
            let drawn: Vec<Instant> = drawn.collect::<Result<_>>()?;
            drawn.into_iter().max().context("there is no page")
        })
    }

    /// How many messages came until there was quiet, and when the last one did.
    pub(super) fn count(&self) -> Result<(u32, Instant)> {
        let mut count = 0;
        let mut last = None;
        loop {
            match self.0.recv_timeout(QUIET) {
                Ok(heard) => {
                    count += 1;
                    last = Some(heard.at);
                }
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => bail!("the pages lost their streams"),
            }
        }
        Ok((count, last.context("no page heard anything")?))
    }
}

/// The deployment that the next message names, if it names one.
fn message(stream: &mut Socket) -> Result<Option<String>> {
    let message: Value = serde_json::from_str(&stream.next()?)?;
    ensure!(message.is_object(), "a page got {message}");
    Ok(message["deployment_id"].as_str().map(str::to_owned))
}
