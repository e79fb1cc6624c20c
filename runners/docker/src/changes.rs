//! What the engine says when something happens to a container.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use bollard::{
    Docker,
    models::{EventMessage, EventMessageTypeEnum},
    query_parameters::EventsOptionsBuilder,
};
use futures::{Stream, StreamExt, future::ready, stream};
use models::RunnerId;
use tracing::debug;

use crate::{instances::Known, labels};

/// What changes how a container does. There are others, above all those of an image's own health
/// check, three each time it runs.
const EVENTS: [&str; 8] = [
    "create",
    "start",
    "die",
    "destroy",
    "pause",
    "unpause",
    "health_status",
    // Limits, by hand.
    "update",
];
/// Events that take a container off its network or put it on another one.
const NETWORK_EVENTS: [&str; 2] = ["connect", "disconnect"];

/// Yields whenever something happened to one of the runner's containers; ends when the engine
/// breaks off.
pub(crate) fn changes(
    docker: &Docker,
    known: Arc<Known>,
    owner: RunnerId,
) -> impl Stream<Item = ()> + Send + use<> {
    // What happened while nobody listened.
    known.forget_all();
    let of_containers = HashMap::from([
        ("type", vec!["container".to_owned()]),
        ("label", vec![format!("{}={owner}", labels::RUNNER)]),
        ("event", EVENTS.map(str::to_owned).into()),
    ]);
    // They bear the labels of neither the container nor the network.
    let of_networks = HashMap::from([
        ("type", vec!["network".to_owned()]),
        ("event", NETWORK_EVENTS.map(str::to_owned).into()),
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
    let listen = |filters: &HashMap<_, _>| {
        let options = EventsOptionsBuilder::default()
            .filters(filters)
            .since(&since.to_string())
            .build();
        // Either stream's end is the end of both.
        let events = docker.events(Some(options)).map(Some);
        events.chain(stream::once(ready(None)))
    };
    let events = stream::select(listen(&of_containers), listen(&of_networks));
    let heard = events.scan((), move |(), event| {
        ready(match event {
            Some(Ok(event)) => Some(note(&known, event)),
            Some(Err(error)) => {
                debug!(%error, "the engine does not tell of changes any more");
                None
            }
            None => None,
        })
    });
    heard.filter_map(ready)
}

/// Forgets what was known of the container that an event is about; none when it is not the runner's.
fn note(known: &Known, event: EventMessage) -> Option<()> {
    let actor = event.actor?;
    if event.typ == Some(EventMessageTypeEnum::NETWORK) {
        let attributes = actor.attributes?;
        return known.forget(attributes.get("container")?).then_some(());
    }
    known.forget(&actor.id?);
    Some(())
}
