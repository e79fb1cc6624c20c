//! Notice about a failed release.

use leptos::prelude::*;
use models::deployment::{Fault, Release};

use super::step::last_step;
use crate::{
    alert::Alert,
    status::{Tone, phase_word},
};

/// The cause of a failure, the failed step and the remedy.
///
/// Renders nothing if the release did not fail.
#[component]
pub fn FailureNotice(
    /// The release.
    release: Release,
) -> impl IntoView {
    let phase = phase_word(last_step(&release)).to_lowercase();
    let title = format!("Release {} failed while {phase}", release.number);
    let failure = release.failure?;
    let whose = match failure.fault {
        Fault::User => "The cause is in the app or its settings.",
        Fault::Platform => {
            "The cause is not your app: it is Berth, the runner's host or the network."
        }
    };
    Some(view! {
        <Alert tone=Tone::Bad title=title>
            <p>{failure.message}</p>
            <p class="soft">{whose} " " <code>{failure.code.to_string()}</code></p>
        </Alert>
    })
}
