//! A run of one seed in this process.

use std::{path::Path, process::ExitCode};

use crate::{report::Report, run, trace::Trace};

/// A file system in memory for a run's few files, if the system has it.
const MEMORY: &str = "/dev/shm";

/// Runs a seed, and prints the result as one line at the end.
pub(crate) fn run(seed: u64, shown: bool) -> ExitCode {
    // The folder's name may differ from run to run, so it is chosen before anything depends on
    // the seed.
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
    api::blocking::run_inline();
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
    // Tasks that hang on purpose would block a normal return.
    std::process::exit(i32::from(!report.broken.is_empty()));
}

/// Ends the process on any panic of a task, even one that would be caught.
fn fail_on_panic(trace: &Trace) {
    let usual = std::panic::take_hook();
    let trace = trace.clone();
    std::panic::set_hook(Box::new(move |panic| {
        trace.line(&format!("PANIC: {panic}"));
        usual(panic);
        std::process::exit(101);
    }));
}
