//! Details of a runner that requests registration.

use components::{
    code::CodeInline,
    facts::{Fact, Facts},
    section::Card,
    time::{Moment, Tells},
};
use leptos::prelude::*;
use models::runner::{Enrolment, EnrolmentState};

use crate::parts::runner_facts::MachineFacts;

/// The address of the request and the runner's claims.
///
/// The address is verified, the claims are not.
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
