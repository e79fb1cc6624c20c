use models::{
    InstanceId,
    deployment::{Instance, InstanceState, Spec},
    time::Timestamp,
};
use proptest::prelude::*;
use uuid::Uuid;

use super::{
    decide::{ScalingInput, decide},
    measure::{Measure, Sample, measure},
};
use crate::config::{Scaling, Sources};

/// Returns the input for a deployment of 1 to 10 instances with a target of 800.
fn input(count: u16, uses: &[u64]) -> ScalingInput {
    ScalingInput {
        fewest: 1,
        most: 10,
        count,
        target: 800,
        uses: uses.to_vec(),
        past: vec![Some(uses.iter().sum()); 21],
    }
}

#[test]
fn the_count_brings_each_instance_to_its_target_usage() {
    for (name, count, uses, decided) in [
        ("as meant", 2, &[800, 800][..], 2),
        ("a tenth more is as meant", 2, &[880, 880], 2),
        ("a little more than that is not", 2, &[890, 890], 3),
        ("a tenth less is as meant", 10, &[720; 10], 10),
        ("a little less than that is not", 10, &[710; 10], 9),
        ("what would need as many again stays", 2, &[500, 500], 2),
        ("one does all the work", 3, &[1_000, 0, 0], 2),
        ("nothing to do", 3, &[0, 0, 0], 1),
        ("not more than there may be", 8, &[1_000; 8], 10),
        ("four more at a time", 1, &[8_000], 5),
        ("twice as many at a time", 5, &[8_000; 5], 10),
        ("nothing was measured", 3, &[], 3),
        ("who is not measured yet may be idle", 2, &[1_400], 2),
        ("even then there are too few", 2, &[2_000], 3),
        ("who is not measured yet may be busy", 3, &[700, 700], 3),
        ("even then there are too many", 4, &[100, 100, 100], 2),
    ] {
        assert_eq!(decide(&input(count, uses)), decided, "{name}");
    }
}

#[test]
fn there_are_fewer_only_when_that_was_enough_for_long() {
    let calm = input(5, &[100; 5]);
    assert_eq!(decide(&calm), 1);
    for (busiest, decided) in [
        (Some(1_700), 3),
        (Some(4_000), 5),
        (Some(90_000), 5),
        (None, 5),
    ] {
        let mut past = calm.past.clone();
        past[20] = busiest;
        let lately = ScalingInput {
            past,
            ..calm.clone()
        };
        assert_eq!(decide(&lately), decided, "{busiest:?}");
    }
}

#[test]
fn another_range_holds_at_once() {
    for (fewest, most, decided) in [(4, 9, 4), (1, 2, 2), (3, 3, 3)] {
        let input = ScalingInput {
            fewest,
            most,
            ..input(3, &[800; 3])
        };
        assert_eq!(decide(&input), decided);
    }
}

prop_compose! {
    fn any_input()(
        fewest in 1_u16..50,
        wider in 0_u16..50,
        count in 0_u16..=u16::MAX,
        target in 1_u64..1_000_000,
        uses in prop::collection::vec(0_u64..1 << 44, 0..60),
        past in prop::collection::vec(prop::option::of(0_u64..1 << 50), 0..30),
    ) -> ScalingInput {
        ScalingInput { fewest, most: fewest + wider, count, target, uses, past }
    }
}

proptest! {
    #[test]
    fn the_range_is_never_left(input in any_input()) {
        let decided = decide(&input);
        prop_assert!((input.fewest..=input.most).contains(&decided));
    }

    #[test]
    fn a_steady_load_ends_in_a_steady_number_without_a_step_back(
        load in 0_u64..60_000, target in 10_u64..2_000, first in 1_u16..=50,
        fewest in 1_u16..50, wider in 0_u16..50,
    ) {
        let most = fewest + wider;
        let first = first.clamp(fewest, most);
        let mut counts = vec![first];
        for _ in 0..12 {
            let count = counts[counts.len() - 1];
            let (each, rest) = (load / u64::from(count), load % u64::from(count));
            let uses = (0..u64::from(count)).map(|at| each + u64::from(at < rest)).collect();
            counts.push(decide(&ScalingInput {
                fewest, most, count, target, uses, past: vec![Some(load); 21],
            }));
        }
        let rises = counts.is_sorted();
        let falls = counts.iter().rev().is_sorted();
        prop_assert!(rises || falls, "{counts:?}");
        prop_assert_eq!(counts[11], counts[12], "{:?}", counts);
    }
}

const SECOND: i64 = 1_000;

fn now() -> Timestamp {
    Timestamp::from_micros(1_790_000_100_000_000)
}

fn times() -> Scaling {
    Sources::default().load().unwrap().scaling
}

fn id(number: u128) -> InstanceId {
    InstanceId::from_uuid(Uuid::from_u128(number))
}

/// Creates an instance that started `age` seconds ago.
fn instance(number: u128, age: i64) -> Instance {
    serde_json::from_value::<Instance>(serde_json::json!({
        "instance_id": id(number), "release_id": Uuid::nil(), "state": "running",
        "started_at": now().plus_millis(-age * SECOND),
    }))
    .inspect(|instance| assert_eq!(instance.state, InstanceState::Running))
    .unwrap()
}

/// Creates samples of an instance between two ages in seconds.
fn samples(number: u128, (from, to): (i64, i64), cpu_millis: u64) -> Vec<Sample> {
    let ages = (to..from).step_by(5);
    ages.map(|age| Sample {
        instance_id: id(number),
        at: now().plus_millis(-age * SECOND),
        cpu_millis,
    })
    .collect()
}

fn taken(count: u16, running: &[Instance], samples: &[Vec<Sample>]) -> Option<Measure> {
    let spec: Spec = serde_json::from_value(serde_json::json!({
        "image": "app", "instances": 1, "max_instances": 9,
        "resources": {"cpu_millis": 500}, "cpu_target_percent": 60,
    }))
    .unwrap();
    measure(&spec, count, running, &samples.concat(), (now(), &times()))
}

#[test]
fn usage_of_the_last_minute_counts_in_percent_of_the_limit() {
    let running = [instance(1, 900), instance(2, 900)];
    let used = [
        samples(1, (60, 0), 500),
        samples(2, (60, 0), 430),
        samples(2, (400, 60), 9_999),
    ];
    let measure = taken(2, &running, &used).unwrap();
    assert_eq!(measure.input.uses, [500, 430]);
    assert_eq!(measure.input.target, 300);
    assert_eq!(measure.cpu_percent, 93);
    assert_eq!(measure.measured_ms, 60 * SECOND);
    assert_eq!((measure.input.fewest, measure.input.most), (1, 9));
}

#[test]
fn usage_before_the_newest_instance_was_ready_does_not_count() {
    let running = [instance(1, 900), instance(2, 45)];
    let used = [
        samples(1, (60, 20), 500),
        samples(1, (20, 0), 260),
        samples(2, (45, 20), 500),
        samples(2, (20, 0), 240),
    ];
    let measure = taken(2, &running, &used).unwrap();
    assert_eq!(measure.input.uses, [260, 240]);
    assert_eq!(measure.measured_ms, 20 * SECOND);
}

#[test]
fn a_warm_up_and_a_single_sample_are_not_measured() {
    let old = samples(1, (60, 0), 500);
    let young = [instance(1, 900), instance(2, 32)];
    let measure = taken(2, &young, &[old.clone(), samples(2, (32, 0), 500)]).unwrap();
    assert_eq!(measure.input.uses, [500]);
    assert!(taken(1, &young[1..], &[samples(2, (32, 0), 500)]).is_none());
    // An instance whose clock is ahead is as old as its samples.
    let ahead = [instance(1, -3_600)];
    assert!(taken(1, &ahead, &[samples(1, (60, 0), 500)]).is_some());
    assert!(taken(1, &ahead, &[samples(1, (30, 0), 500)]).is_none());
}

#[test]
fn of_those_on_their_way_out_the_newest_do_not_count() {
    let running = [instance(3, 900), instance(1, 900), instance(2, 900)];
    let used = [1, 2, 3].map(|number| samples(number, (60, 0), u64::try_from(number).unwrap()));
    let measure = taken(2, &running, &used).unwrap();
    assert_eq!(measure.input.uses, [1, 2]);
    let past = &measure.input.past;
    assert_eq!((past.len(), past[0]), (21, Some(6)));
}

#[test]
fn a_gap_in_measurements_differs_from_idle_time() {
    let running = [instance(1, 900)];
    let used = [samples(1, (120, 0), 0), samples(9, (400, 200), 7)];
    let past = taken(1, &running, &used).unwrap().input.past;
    assert_eq!(past[..8], [Some(0); 8]);
    assert_eq!(past[8..10], [None; 2]);
    assert_eq!(past[10..], [Some(7); 11]);
}
