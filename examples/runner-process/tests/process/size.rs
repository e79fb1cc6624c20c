//! The size of the example, as promised in `docs/ADDING-A-RUNNER.md`.

use std::{fs, path::Path};

#[test]
fn the_whole_runner_fits_in_320_lines() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files = fs::read_dir(sources).unwrap();
    let lines = files.map(|file| {
        fs::read_to_string(file.unwrap().path())
            .unwrap()
            .lines()
            .count()
    });
    let lines: usize = lines.sum();
    assert!((100..320).contains(&lines), "{lines} lines");
}
