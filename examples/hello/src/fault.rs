//! Failures on request, to show what Berth does about each.

use std::{
    process,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};

const EXIT_CODE: i32 = 3;
/// Delay that lets the answer leave the process.
const CRASH_DELAY: Duration = Duration::from_millis(100);

/// True once the app has stopped answering.
#[derive(Clone, Default)]
pub(crate) struct Hang(Arc<AtomicBool>);

/// Answers, then exits at once without cleaning up.
pub(crate) async fn crash() -> &'static str {
    tokio::spawn(async {
        tokio::time::sleep(CRASH_DELAY).await;
        eprintln!("crashing with exit code {EXIT_CODE}, as asked");
        process::exit(EXIT_CODE);
    });
    "about to crash with exit code 3\n"
}

/// Answers this request and none after it.
pub(crate) async fn hang(State(hang): State<Hang>) -> &'static str {
    hang.0.store(true, Ordering::Relaxed);
    eprintln!("hanging from now on, as asked");
    "no further request gets an answer\n"
}

pub(crate) async fn never_answer_while_hanging(
    State(hang): State<Hang>,
    request: Request,
    next: Next,
) -> Response {
    if hang.0.load(Ordering::Relaxed) {
        std::future::pending().await
    } else {
        next.run(request).await
    }
}
