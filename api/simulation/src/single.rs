//! One seed in this process.

use std::{path::Path, process::ExitCode};

use crate::{report::Report, run, trace::Trace};

/// Where a run's few files are kept in memory, where there is such a place.
const MEMORY: &str = "/dev/shm";

/// Runs a seed, and prints what came of it as one line at the end.
pub(crate) fn run(seed: u64, shown: bool) -> ExitCode {
    // Its name may differ from run to run, so it is chosen before anything follows from the seed.
    let memory = Path::new(MEMORY);
    let folder = if memory.is_dir() {
        tempfile::tempdir_in(memory)
    } else {
        tempfile::tempdir()
    };
    let folder = match folder {
        Ok(folder) => folder,
        Err(error) => {
            eprintln!("there is no room for a run: {error}");
            return ExitCode::FAILURE;
        }
    };
    entropy::seed(seed);
    api::threads::stand_still();
    let trace = Trace::new(shown);
    fail_on_panic(&trace);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("there is no runtime: {error}");
            return ExitCode::FAILURE;
        }
    };
    let world = runtime.block_on(run::run(seed, trace.clone(), folder.path()));
    let report = Report::of(seed, &world, &trace);
    println!("{}", report.to_line());
    drop(folder);
    // What hangs as it should would be waited for.
    std::process::exit(i32::from(!report.broken.is_empty()));
}

/// No task may panic, whoever would catch it.
fn fail_on_panic(trace: &Trace) {
    let usual = std::panic::take_hook();
    let trace = trace.clone();
    std::panic::set_hook(Box::new(move |panic| {
        trace.line(&format!("PANIC: {panic}"));
        usual(panic);
        std::process::exit(101);
    }));
}
