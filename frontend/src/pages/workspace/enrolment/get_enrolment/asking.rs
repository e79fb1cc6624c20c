//! What is known of a runner that asks.

use components::{
    code::CodeInline,
    facts::{Fact, Facts},
    section::Card,
    time::{Moment, Tells},
};
use leptos::prelude::*;
use models::runner::{Enrolment, EnrolmentState};

use crate::parts::runner_facts::MachineFacts;

/// Where it asks from, which is sure, and what it says of itself, which is not.
#[component]
pub(super) fn Asking(enrolment: Enrolment) -> impl IntoView {
    let Enrolment {
        about,
        address,
        state,
        created_at,
        expires_at,
        ..
    } = enrolment;
    let until = (state == EnrolmentState::Waiting).then(|| {
        view! {
            <Fact name="Waits for">
                <Moment at=expires_at tells=Tells::Until />
            </Fact>
        }
    });
    view! {
        <Card>
            <Facts>
                <Fact name="Asks from">
                    <CodeInline text=address />
                </Fact>
                <Fact name="Asked">
                    <Moment at=created_at />
                </Fact>
                {until}
                <MachineFacts about=about />
            </Facts>
        </Card>
    }
}
