//! Tests of all targets, and of the fuzzer itself.
//!
//! Each target runs on its corpus and on new inputs.

use std::{collections::BTreeSet, path::Path};

use fuzz::{Corpus, TARGETS, Target, run};
use tempfile::TempDir;

/// Number of inputs per target; the command tries millions.
const INPUTS: u64 = 3_000;

#[test]
fn every_target_holds_for_its_corpus_and_for_a_while() {
    let below = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    for target in &TARGETS {
        let corpus = Corpus::read(&below, target).unwrap();
        assert!(
            corpus.inputs.len() >= 3,
            "{} has hardly a seed",
            target.name
        );
        let tried = run(target, &corpus.inputs, 1, |tried| tried < INPUTS);
        assert_eq!(tried.map_err(|found| (target.name, found)), Ok(INPUTS));
    }
}

#[test]
fn every_folder_of_the_corpus_belongs_to_a_target() {
    let names: BTreeSet<&str> = TARGETS.iter().map(|target| target.name).collect();
    assert_eq!(names.len(), TARGETS.len(), "two targets have one name");
    let below = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    for entry in std::fs::read_dir(below).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(
            names.contains(name.as_str()) || name == "README.md",
            "nobody reads {name}"
        );
    }
}

const BRITTLE: Target = Target {
    name: "brittle",
    about: "breaks where a dollar stands somewhere before a zero byte",
    seeds: &["hello, world; this is long enough", "another one"],
    check: |input| {
        let dollar = input.iter().position(|byte| *byte == b'$');
        let zero = input.iter().rposition(|byte| *byte == 0);
        assert!(dollar.is_none() || zero < dollar, "there it is");
    },
};

#[test]
fn a_case_is_found_made_small_kept_and_tried_first_from_then_on() {
    let folder = TempDir::new().unwrap();
    let corpus = Corpus::read(folder.path(), &BRITTLE).unwrap();
    let found = run(&BRITTLE, &corpus.inputs, 7, |tried| tried < 200_000).unwrap_err();
    assert_eq!(
        (found.input.as_slice(), found.why.as_str()),
        (&b"$\0"[..], "there it is")
    );
    corpus.keep(&found.input).unwrap();
    let corpus = Corpus::read(folder.path(), &BRITTLE).unwrap();
    assert_eq!(run(&BRITTLE, &corpus.inputs, 7, |_| false), Err(found));
}
