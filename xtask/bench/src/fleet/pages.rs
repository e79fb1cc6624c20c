//! Open pages: each follows the workspace's stream and records its messages.

use std::{
    sync::mpsc::{self, Receiver, RecvTimeoutError},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::{api::Api, logs::Socket};

/// Number of open pages.
pub(super) const PAGES: usize = 100;
/// Time limit: longer than any change takes to reach a page.
const DEADLINE: Duration = Duration::from_secs(30);
/// Silence after which no more messages are expected for a change.
const QUIET: Duration = Duration::from_secs(1);

/// Content coding of a page; uncompressed, because this program cannot decompress.
const CODINGS: &str = "identity";

/// A message about a deployment, received by a page.
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

    /// Returns the moment when the last page first heard of a deployment.
    pub(super) fn all_heard_of(&self, deployment_id: &str) -> Result<Instant> {
        let mut waiting = [true; PAGES];
        loop {
            let heard = self.0.recv_timeout(DEADLINE);
            let heard = heard.context("a page did not receive a change")?;
            if heard.deployment_id == deployment_id {
                waiting[heard.page] = false;
            }
            if !waiting.contains(&true) {
                return Ok(heard.at);
            }
        }
    }

    /// Returns the moment when the last page shows a deployment in its list.
    ///
    /// The pages reload as soon as they hear of a change, like a browser's.
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
                let heard = heard.context("a page did not receive a change")?;
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

    /// Returns the number of messages until silence, and the moment of the last one.
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

/// Returns the deployment that the next message names, if it names one.
fn message(stream: &mut Socket) -> Result<Option<String>> {
    let message: Value = serde_json::from_str(&stream.next()?)?;
    ensure!(message.is_object(), "a page got {message}");
    Ok(message["deployment_id"].as_str().map(str::to_owned))
}
