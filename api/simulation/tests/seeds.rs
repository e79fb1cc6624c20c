//! Runs of the simulation that every change must pass.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::unwrap_used,
    reason = "a run is a process of its own, and tests speak by panics"
)]

use std::process::{Command, Output};

/// The number of new seeds for every change, after the regression seeds.
///
/// The short form of `cargo xtask simulate`, which runs any number.
const SEEDS: &str = "250";

fn simulation(arguments: &[&str]) -> Output {
    let program = env!("CARGO_BIN_EXE_simulation");
    Command::new(program).args(arguments).output().unwrap()
}

#[test]
fn a_seed_tells_the_same_story_twice_byte_for_byte() {
    for seed in ["1", "2", "3", "4"] {
        let story = || simulation(&["--seed", seed, "--trace"]).stdout;
        let (first, second) = (story(), story());
        assert!(first.len() > 1_000, "seed {seed} tells nothing");
        assert_eq!(
            String::from_utf8_lossy(&first),
            String::from_utf8_lossy(&second)
        );
    }
}

#[test]
fn two_seeds_tell_two_stories() {
    let story = |seed| simulation(&["--seed", seed]).stdout;
    assert_ne!(story("1"), story("2"));
}

#[test]
fn every_seed_holds() {
    let run = simulation(&["--seeds", SEEDS]);
    let output = String::from_utf8_lossy(&run.stdout);
    println!("{output}");
    assert!(run.status.success(), "a seed does not hold; see above");
    // A run without faults proves nothing.
    for fault in [
        "partition",
        "connection broke",
        "server crash",
        "server stopped",
        "runner crash",
        "reboot",
        "platform silent",
        "database out of reach",
        "server's disk full",
        "runner's disk full",
        "app crash",
        "clock jump",
    ] {
        assert!(
            output.contains(&format!("fault: {fault}")),
            "{fault} is missing"
        );
    }
    for follows in ["scaled", "pushed"] {
        assert!(output.contains(follows), "nothing was {follows}");
    }
}
