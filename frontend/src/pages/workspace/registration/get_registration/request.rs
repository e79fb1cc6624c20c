//! Details of a runner that requests registration.

use components::{
    code::CodeInline,
    facts::{Fact, Facts},
    section::Card,
    time::{Moment, TimeFormat},
};
use leptos::prelude::*;
use models::runner::{Registration, RegistrationState};

use crate::sections::runner_facts::HostFacts;

/// The address of the request and the runner's claims.
///
/// The address is verified, the claims are not.
#[component]
pub(super) fn RegistrationRequestView(registration: Registration) -> impl IntoView {
    let Registration {
        about,
        address,
        state,
        created_at,
        expires_at,
        ..
    } = registration;
    let until = (state == RegistrationState::Waiting).then(|| {
        view! {
            <Fact name="Expires in">
                <Moment at=expires_at format=TimeFormat::Until />
            </Fact>
        }
    });
    view! {
        <Card>
            <Facts>
                <Fact name="Requested from">
                    <CodeInline text=address />
                </Fact>
                <Fact name="Requested">
                    <Moment at=created_at />
                </Fact>
                {until}
                <HostFacts about=about />
            </Facts>
        </Card>
    }
}
