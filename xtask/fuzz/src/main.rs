//! `cargo xtask fuzz`: runs one target, or all, for a given time.
//!
//! It stores the cases that it finds.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    time::{Duration, Instant},
};

use clap::Parser;
use fuzz::{Corpus, Found, TARGETS, Target, run};

/// Folder of the corpora.
const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/corpus");

/// Fuzzes the readers of untrusted input.
#[derive(Parser)]
struct Arguments {
    /// The only target to run; all of them, one after the other, if absent.
    target: Option<String>,
    /// Seconds for each target.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Seed that reproduces a run's inputs; a new one each time if absent.
    #[arg(long)]
    seed: Option<u64>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let chosen = |target: &&Target| {
        arguments
            .target
            .as_deref()
            .is_none_or(|name| name == target.name)
    };
    let targets: Vec<&Target> = TARGETS.iter().filter(chosen).collect();
    if targets.is_empty() {
        eprintln!("Unknown target. Available targets:");
        for target in &TARGETS {
            eprintln!("  {:16} {}", target.name, target.about);
        }
        return ExitCode::from(2);
    }
    // The panic message of a target is printed once, together with the input.
    std::panic::set_hook(Box::new(|_| {}));
    let seed = arguments
        .seed
        .unwrap_or_else(|| u64::from(std::process::id()) << 32 | clock());
    let tried = targets
        .iter()
        .map(|target| try_one(target, seed, arguments.seconds));
    if tried.filter(|is_good| !is_good).count() == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Returns a number that changes from moment to moment.
///
/// The default seed depends on it.
fn clock() -> u64 {
    let moment = format!("{:?}", Instant::now());
    moment.bytes().fold(7, |sum: u64, byte| {
        sum.wrapping_mul(31).wrapping_add(byte.into())
    })
}

fn try_one(target: &Target, seed: u64, seconds: u64) -> bool {
    println!("{} (seed {seed})", target.name);
    let corpus = match Corpus::read(Path::new(CORPUS), target) {
        Ok(corpus) => corpus,
        Err(error) => {
            eprintln!("  cannot read the corpus: {error}");
            return false;
        }
    };
    let until = Instant::now() + Duration::from_secs(seconds);
    match run(target, &corpus.inputs, seed, |_| Instant::now() < until) {
        Ok(tried) => {
            println!("  {tried} inputs, no failures");
            true
        }
        Err(Found { input, why }) => {
            println!("  {:?}\n  {why}", String::from_utf8_lossy(&input));
            let kept: Result<PathBuf, _> = corpus.keep(&input);
            match kept {
                Ok(path) => println!("  saved as {}", path.display()),
                Err(error) => eprintln!("  cannot save it: {error}"),
            }
            false
        }
    }
}
