use std::time::Duration;

use models::{WorkspaceId, value::SecretText};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    time::timeout,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use uuid::Uuid;

use super::{Bus, CAPACITY, Event, Subscription, Topic};
use crate::{config, db::testing};

/// Far longer than any step of these tests takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// The workspace that all events of a test are about.
#[derive(Clone, Copy)]
struct Place(WorkspaceId);

impl Place {
    fn new() -> Self {
        Self(Uuid::now_v7().into())
    }

    fn listen(self, bus: &Bus) -> Subscription {
        bus.subscribe([Topic::Workspace(self.0)])
    }

    /// A new event that equals no other.
    fn event(self) -> Event {
        Event::DeploymentChanged {
            workspace_id: self.0,
            deployment_id: Uuid::now_v7().into(),
        }
    }
}

/// Waits for an event, and skips every `Resync`.
///
/// Servers of other tests share the same Redis.
async fn wait_for(subscription: &mut Subscription, wanted: &Event) {
    let arrived = async { while subscription.next().await != *wanted {} };
    timeout(PATIENCE, arrived).await.expect("the event arrives");
}

struct Server {
    bus: Bus,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Server {
    /// Starts a server, and subscribes before it connects to Redis.
    async fn start(redis_url: &str, place: Place) -> (Self, Subscription) {
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let config = config::Bus {
            redis_url: SecretText::new(redis_url),
        };
        let bus = Bus::connect(&config, &tasks, &stop).unwrap();
        let mut subscription = place.listen(&bus);
        wait_for(&mut subscription, &Event::Resync).await;
        (Self { bus, stop, tasks }, subscription)
    }

    async fn stop(self) {
        self.stop.cancel();
        self.tasks.close();
        timeout(PATIENCE, self.tasks.wait())
            .await
            .expect("both tasks end");
    }
}

#[tokio::test]
async fn every_subscriber_gets_what_is_published_after_it_came() {
    let (bus, place) = (Bus::in_process(), Place::new());
    bus.publish(place.event());
    let (mut one, mut two) = (place.listen(&bus), place.listen(&bus));
    let wanted = place.event();
    bus.publish(wanted.clone());
    assert_eq!(one.next().await, wanted);
    assert_eq!(two.next().await, wanted);
}

#[tokio::test]
async fn a_subscriber_gets_each_event_of_its_topics_once() {
    let (bus, here) = (Bus::in_process(), Place::new());
    let runner_id = Uuid::now_v7().into();
    let mut subscriber = bus.subscribe([Topic::Workspace(here.0), Topic::Runner(runner_id)]);
    bus.publish(Place::new().event());
    let of_both = Event::RunnerChanged {
        workspace_id: here.0,
        runner_id,
    };
    bus.publish(of_both.clone());
    bus.publish(Event::VolumesToRemove {
        runner_id: Uuid::now_v7().into(),
    });
    let of_one = Event::VolumesToRemove { runner_id };
    bus.publish(of_one.clone());
    bus.publish(Event::Resync);
    let wanted = [of_both, of_one, Event::Resync];
    for wanted in wanted {
        assert_eq!(subscriber.next().await, wanted);
    }
}

#[tokio::test]
async fn a_slow_subscriber_must_resync() {
    let (bus, place) = (Bus::in_process(), Place::new());
    let mut slow = place.listen(&bus);
    for _ in 0..=CAPACITY {
        bus.publish(place.event());
    }
    assert_eq!(slow.next().await, Event::Resync);
    let later = place.event();
    bus.publish(later.clone());
    assert_eq!(slow.next().await, later, "it is not behind any more");
}

#[test]
fn nothing_stays_of_who_left() {
    let (bus, place) = (Bus::in_process(), Place::new());
    let stays = place.listen(&bus);
    drop(place.listen(&bus));
    assert_eq!(bus.local.len(), (1, 1));
    drop(stays);
    assert_eq!(bus.local.len(), (0, 0));
}

#[test]
fn an_event_of_a_newer_server_means_that_anything_may_have_changed() {
    let unknown = r#"{"type": "weather_changed", "sunny": true}"#;
    assert_eq!(
        serde_json::from_str::<Event>(unknown).unwrap(),
        Event::Resync
    );
    let known = Place::new().event();
    let text = serde_json::to_string(&known).unwrap();
    assert_eq!(serde_json::from_str::<Event>(&text).unwrap(), known);
}

#[tokio::test]
async fn a_wrong_address_is_refused_without_repeating_it() {
    let config = config::Bus {
        redis_url: SecretText::new("canary://x"),
    };
    let error = Bus::connect(&config, &TaskTracker::new(), &CancellationToken::new()).unwrap_err();
    assert!(!error.to_string().contains("canary"));
}

#[tokio::test]
async fn servers_hear_each_other_over_redis() {
    let Some(url) = testing::required("BERTH_TEST_REDIS_URL") else {
        return;
    };
    let place = Place::new();
    let (one, mut at_one) = Server::start(&url, place).await;
    let (two, mut at_two) = Server::start(&url, place).await;
    let first = place.event();
    one.bus.publish(first.clone());
    wait_for(&mut at_two, &first).await;
    let second = place.event();
    two.bus.publish(second.clone());
    // A server delivers its own event once, and does not receive it again from Redis.
    let seen_at_one = async {
        let mut own = 0;
        loop {
            match at_one.next().await {
                seen if seen == first => own += 1,
                seen if seen == second => return own,
                _ => {}
            }
        }
    };
    assert_eq!(timeout(PATIENCE, seen_at_one).await.unwrap(), 1);
    one.stop().await;
    two.stop().await;
}

/// A proxy between a server and Redis that can be cut.
async fn cuttable(redis_url: &str) -> (String, CancellationToken, TaskTracker) {
    let redis = redis_url
        .trim_start_matches("redis://")
        .trim_end_matches('/')
        .to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("redis://{}", listener.local_addr().unwrap());
    let (cut, connections) = (CancellationToken::new(), TaskTracker::new());
    let (cutting, tracked) = (cut.clone(), connections.clone());
    connections.spawn(cut.clone().run_until_cancelled_owned(async move {
        loop {
            let (mut near, _) = listener.accept().await.unwrap();
            let mut far = TcpStream::connect(&redis).await.unwrap();
            let copy = async move { copy_bidirectional(&mut near, &mut far).await };
            tracked.spawn(cutting.clone().run_until_cancelled_owned(copy));
        }
    }));
    connections.close();
    (url, cut, connections)
}

#[tokio::test]
async fn after_a_gap_all_subscribers_resync_and_no_event_is_lost() {
    let Some(url) = testing::required("BERTH_TEST_REDIS_URL") else {
        return;
    };
    let (between, cut, connections) = cuttable(&url).await;
    let address = between.trim_start_matches("redis://").to_owned();
    let place = Place::new();
    let (far, mut at_far) = Server::start(&between, place).await;
    let (near, mut at_near) = Server::start(&url, place).await;
    cut.cancel();
    connections.wait().await;
    let during = place.event();
    far.bus.publish(during.clone());
    let redis = url
        .trim_start_matches("redis://")
        .trim_end_matches('/')
        .to_owned();
    let listener = TcpListener::bind(&address).await.unwrap();
    let again = tokio::spawn(async move {
        let mut copies = tokio::task::JoinSet::new();
        loop {
            let (mut near, _) = listener.accept().await.unwrap();
            let mut far = TcpStream::connect(&redis).await.unwrap();
            copies.spawn(async move { copy_bidirectional(&mut near, &mut far).await });
        }
    });
    wait_for(&mut at_far, &Event::Resync).await;
    wait_for(&mut at_near, &during).await;
    far.stop().await;
    near.stop().await;
    again.abort();
}
