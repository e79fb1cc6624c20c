//! The last error of a deployment.

use leptos::prelude::*;
use models::deployment::{Fault, LastError};

use crate::{
    alert::Alert,
    status::Tone,
    time::{Moment, TimeStyle},
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
        Fault::Platform => "The runner cannot keep the app as it should be",
    };
    let next = next_try_at.filter(|_| !stale);
    let next = next.map(|at| view! { ", next try " <Moment at=at tells=TimeStyle::Until /> });
    let away = stale.then_some(". The runner is away: it may be over");
    view! {
        <Alert tone=Tone::Bad title=title>
            <p>{failure.message}</p>
            <p class="soft">
                "Since " <Moment at=since tells=TimeStyle::Since /> {next} {away} ". "
                <code>{failure.code}</code>
            </p>
        </Alert>
    }
}
