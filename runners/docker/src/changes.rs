//! What the engine says when something happens to a container.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use bollard::{Docker, query_parameters::EventsOptionsBuilder};
use futures::{Stream, StreamExt};
use models::RunnerId;
use tracing::debug;

use crate::{instances::Known, labels};

/// What changes how a container does. There are others, above all those of an image's own health
/// check, three each time it runs.
const EVENTS: [&str; 7] = [
    "create",
    "start",
    "die",
    "destroy",
    "pause",
    "unpause",
    "health_status",
];

/// Yields whenever something happened to one of the runner's containers; ends when the engine
/// breaks off.
pub(crate) fn changes(
    docker: &Docker,
    known: Arc<Known>,
    owner: RunnerId,
) -> impl Stream<Item = ()> + Send + use<> {
    // What happened while nobody listened.
    known.forget_all();
    let filters = HashMap::from([
        ("type", vec!["container".to_owned()]),
        ("label", vec![format!("{}={owner}", labels::RUNNER)]),
        ("event", EVENTS.map(str::to_owned).into()),
    ]);
    // The engine begins to listen when it is asked, which is a moment after the containers were
    // listed; what happened in between is told again.
    #[expect(
        clippy::disallowed_methods,
        reason = "the engine's clock is this machine's"
    )]
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |now| now.as_secs().saturating_sub(1));
    let options = EventsOptionsBuilder::default()
        .filters(&filters)
        .since(&since.to_string())
        .build();
    docker.events(Some(options)).scan((), move |(), event| {
        let going_on = match event {
            Ok(event) => {
                if let Some(container) = event.actor.and_then(|actor| actor.id) {
                    known.forget(&container);
                }
                Some(())
            }
            Err(error) => {
                debug!(%error, "the engine does not tell of changes any more");
                None
            }
        };
        std::future::ready(going_on)
    })
}
