//! The last error of a deployment.

use leptos::prelude::*;
use models::deployment::{Fault, LastError};

use crate::{
    alert::Alert,
    status::Tone,
    time::{Moment, TimeFormat},
};

/// An error with its age and the runner's next retry.
#[component]
pub fn LastErrorNotice(
    /// The error.
    error: LastError,
    /// True while the runner is away: the error may be resolved.
    stale: bool,
) -> impl IntoView {
    let LastError {
        failure,
        since,
        next_try_at,
    } = error;
    let title = match failure.fault {
        Fault::User => "The app needs attention",
        Fault::Platform => "The runner cannot reach the desired state",
    };
    let next = next_try_at.filter(|_| !stale);
    let next =
        next.map(|at| view! { ", next attempt in " <Moment at=at format=TimeFormat::Until /> });
    let away = stale.then_some(". The runner is disconnected, so this may be resolved");
    view! {
        <Alert tone=Tone::Bad title=title>
            <p>{failure.message}</p>
            <p class="soft">
                "For " <Moment at=since format=TimeFormat::Since /> {next} {away} ". "
                <code>{failure.code.to_string()}</code>
            </p>
        </Alert>
    }
}
