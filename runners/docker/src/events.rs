//! The engine's events about containers.

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

use crate::{instances::InspectCache, labels};

/// Events that change the state of a container.
///
/// There are others, above all those of an image's own health check, three for each run.
const EVENTS: [&str; 8] = [
    "create",
    "start",
    "die",
    "destroy",
    "pause",
    "unpause",
    "health_status",
    // Limits that someone changed by hand.
    "update",
];
/// Events that disconnect a container from a network or connect it to one.
const NETWORK_EVENTS: [&str; 2] = ["connect", "disconnect"];

/// Yields on each event of the runner's containers until the engine breaks off.
pub(crate) fn watch(
    docker: &Docker,
    cache: Arc<InspectCache>,
    owner: RunnerId,
) -> impl Stream<Item = ()> + Send + use<> {
    // Events may have been missed while nobody listened.
    cache.clear();
    let of_containers = HashMap::from([
        ("type", vec!["container".to_owned()]),
        ("label", vec![format!("{}={owner}", labels::RUNNER)]),
        ("event", EVENTS.map(str::to_owned).into()),
    ]);
    // These events bear the labels of neither the container nor the network.
    let of_networks = HashMap::from([
        ("type", vec!["network".to_owned()]),
        ("event", NETWORK_EVENTS.map(str::to_owned).into()),
    ]);
    // The engine subscribes on request, a moment after the containers were listed; `since`
    // replays the events in between.
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
            Some(Ok(event)) => Some(invalidate(&cache, event)),
            Some(Err(error)) => {
                debug!(%error, "the engine does not send events any more");
                None
            }
            None => None,
        })
    });
    heard.filter_map(ready)
}

/// Drops cached facts of the event's container; `None` when it is not the runner's.
fn invalidate(cache: &InspectCache, event: EventMessage) -> Option<()> {
    let actor = event.actor?;
    if event.typ == Some(EventMessageTypeEnum::NETWORK) {
        let attributes = actor.attributes?;
        return cache.invalidate(attributes.get("container")?).then_some(());
    }
    cache.invalidate(&actor.id?);
    Some(())
}
