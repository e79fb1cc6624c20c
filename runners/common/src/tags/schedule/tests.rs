use std::{collections::BTreeMap, time::Duration};

use models::{
    DeploymentId,
    runner::{RegistryCredential, WatchedTag},
    value::{ImageReference, RegistryHost, RegistryUserName, SecretText},
};
use tokio::time::Instant;
use uuid::Uuid;

use super::{PollSchedule, TagQuery};
use crate::timings::Timings;

const MINUTE: Duration = Duration::from_mins(1);

fn id(number: u128) -> DeploymentId {
    DeploymentId::from_uuid(Uuid::from_u128(number))
}

fn tag(image: &str, serial: i64) -> WatchedTag {
    WatchedTag {
        image: ImageReference::trusted(image),
        registry_credential: None,
        poll_serial: serial,
    }
}

fn as_ada(mut tag: WatchedTag) -> WatchedTag {
    tag.registry_credential = Some(RegistryCredential {
        host: RegistryHost::new("ghcr.io").unwrap(),
        user_name: RegistryUserName::trusted("ada"),
        password: SecretText::new("secret"),
    });
    tag
}

/// Sends all requests that are due up to a moment; returns their images and times.
fn asked(schedule: &mut PollSchedule, from: Instant, until: Instant) -> Vec<(String, Duration)> {
    let mut asked = Vec::new();
    while let Some(due) = schedule.due().filter(|due| *due <= until) {
        let query = schedule.take_due(due).unwrap();
        schedule.record_answer(&query, due, None);
        asked.push((query.image.to_string(), due - from));
    }
    asked
}

#[test]
fn watchers_of_a_tag_share_a_request_unless_their_credentials_differ() {
    let now = Instant::now();
    let mut schedule = PollSchedule::new(&Timings::default());
    let watched = BTreeMap::from([
        (id(1), tag("ghcr.io/app", 1)),
        (id(2), tag("ghcr.io/app", 7)),
        (id(3), as_ada(tag("ghcr.io/app", 1))),
    ]);
    schedule.set_watched(&watched, now);
    let first = schedule.take_due(now).unwrap();
    assert_eq!(
        schedule.record_answer(&first, now, None),
        [(id(1), 1), (id(2), 7)]
    );
    let second = schedule.take_due(now).unwrap();
    assert!(second.credential.is_some());
    assert_eq!(schedule.record_answer(&second, now, None), [(id(3), 1)]);
    assert_eq!(schedule.take_due(now), None);
}

#[test]
fn a_tag_is_asked_for_about_every_five_minutes() {
    let now = Instant::now();
    let mut schedule = PollSchedule::new(&Timings::default());
    schedule.set_watched(&BTreeMap::from([(id(1), tag("ghcr.io/app", 1))]), now);
    let asked = asked(&mut schedule, now, now + 60 * MINUTE);
    assert!((11..=14).contains(&asked.len()), "{asked:?}");
    for pair in asked.windows(2) {
        let pause = pair[1].1.saturating_sub(pair[0].1);
        assert!(pause >= 4 * MINUTE && pause <= 6 * MINUTE, "{pause:?}");
    }
}

#[test]
fn failures_are_followed_by_pauses_that_grow_up_to_an_hour() {
    let now = Instant::now();
    let mut schedule = PollSchedule::new(&Timings::default());
    schedule.set_watched(&BTreeMap::from([(id(1), tag("ghcr.io/app", 1))]), now);
    let mut at = now;
    for minutes in [5, 10, 20, 40, 60, 60] {
        let query = schedule.take_due(at).unwrap();
        schedule.record_answer(&query, at, Some(Duration::ZERO));
        let pause = schedule.due().unwrap() - at;
        let usual = minutes * MINUTE;
        let is_near = pause >= usual.mul_f64(0.89) && pause <= usual.mul_f64(1.11);
        assert!(is_near, "{pause:?} instead of {usual:?}");
        at = schedule.due().unwrap();
    }
    let query = schedule.take_due(at).unwrap();
    schedule.record_answer(&query, at, Some(180 * MINUTE));
    assert!(
        schedule.due().unwrap() >= at + 160 * MINUTE,
        "the registry asked for more"
    );
}

#[test]
fn tags_of_docker_hub_share_one_question_in_five_minutes() {
    let now = Instant::now();
    let mut schedule = PollSchedule::new(&Timings::default());
    let images = ["a", "b", "c", "docker.io/team/d"];
    let watched = (1..).zip(images).map(|(n, image)| (id(n), tag(image, 1)));
    schedule.set_watched(&watched.collect(), now);
    let asked = asked(&mut schedule, now, now + 60 * MINUTE);
    assert!((10..=13).contains(&asked.len()), "{asked:?}");
    for image in images {
        let times = asked.iter().filter(|(name, _)| name == image).count();
        assert!((2..=4).contains(&times), "{image}: {asked:?}");
    }
}

#[test]
fn an_urgent_check_runs_at_once_but_not_repeatedly() {
    let now = Instant::now();
    let mut schedule = PollSchedule::new(&Timings::default());
    let watched = |serial| BTreeMap::from([(id(1), tag("app", serial)), (id(2), tag("other", 1))]);
    schedule.set_watched(&watched(1), now);
    asked(&mut schedule, now, now + MINUTE);
    let later = now + 2 * MINUTE;
    schedule.set_watched(&watched(2), later);
    let app = TagQuery {
        image: ImageReference::trusted("app"),
        credential: None,
    };
    assert_eq!(schedule.take_due(later).as_ref(), Some(&app));
    assert_eq!(schedule.record_answer(&app, later, None), [(id(1), 2)]);
    schedule.set_watched(&watched(3), later);
    assert_eq!(schedule.take_due(later), None, "it was asked a moment ago");
    let soon = later + Duration::from_secs(10);
    assert_eq!(schedule.due(), Some(soon));
    schedule.set_watched(&BTreeMap::new(), soon);
    assert_eq!(schedule.due(), None, "nobody wants to know any more");
}
