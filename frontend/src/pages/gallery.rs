//! `/components`: gallery of every component in every state.

mod charts;
mod controls;
mod samples;
mod states;
mod structure;

use components::{layout::SkipLink, page::PageHeader};
use leptos::prelude::*;
use leptos_meta::Title;

use charts::Charts;
use controls::Controls;
use states::States;
use structure::Structure;

/// The gallery of all components.
#[component]
pub(crate) fn Gallery() -> impl IntoView {
    view! {
        <Title text="Components" />
        <SkipLink />
        <main id="main" class="gallery" tabindex="-1">
            <PageHeader
                title="Components"
                lead="Every component of the dashboard in every state. The controls here do nothing."
            />
            <States />
            <Controls />
            <Charts />
            <Structure />
        </main>
    }
}

/// Section for one kind of component.
#[component]
fn Part(title: &'static str, children: Children) -> impl IntoView {
    view! {
        <section class="gallery-part">
            <h2>{title}</h2>
            {children()}
        </section>
    }
}
