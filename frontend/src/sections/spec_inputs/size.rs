//! The inputs for the size of an instance.

use components::select::Choice;
use leptos::prelude::*;
use models::{
    api::machine_type::ListMachineTypes, deployment::Resources, endpoint::Empty,
    machine_type::MachineType,
};

use crate::{
    form::{MoreInputs, SelectInput, TextInput},
    load::load_if_possible,
    sections::machine_type::{find, words},
};

/// The size of an instance: a machine type, or own values.
#[component]
pub(super) fn Size(resources: Resources) -> impl IntoView {
    let offered = load_if_possible::<ListMachineTypes>(Some(Empty {}), Empty {});
    let body = move || {
        Suspend::new(async move {
            let offered = offered.await.ok().flatten();
            let offered = offered.map(|answer| answer.machine_types);
            view! { <Inputs resources=resources offered=offered.unwrap_or_default() /> }
        })
    };
    view! { <Suspense>{body}</Suspense> }
}

#[component]
fn Inputs(resources: Resources, offered: Vec<MachineType>) -> impl IntoView {
    let chosen = find(resources, &offered).map(|one| one.name.to_string());
    // The values of the machine type are not repeated, so that choosing another one is enough.
    let own = match chosen {
        Some(_) => Resources::default(),
        None => resources,
    };
    let number = |number: Option<u32>| number.map_or_else(String::new, |n| n.to_string());
    let choice = (!offered.is_empty()).then(|| {
        view! {
            <SelectInput
                label="Machine type"
                field="machine_type"
                choices=options(&offered)
                value=chosen.unwrap_or_default()
                optional=true
                hint="What each instance may use of its machine."
            />
        }
    });
    view! {
        {choice}
        <MoreInputs
            summary="Own processor and memory"
            fields=&["spec.resources"]
            open={own != Resources::default()}
        >
            <p class="field-hint">
                "They count when no machine type is chosen. To choose one, leave them empty."
            </p>
            <TextInput
                label="Processor"
                field="spec.resources.cpu_millis"
                kind="number"
                value=number(own.cpu_millis)
                optional=true
                hint="Thousandths of one processor for each instance: 500 is half of one. No limit when empty."
            />
            <TextInput
                label="Memory"
                field="spec.resources.memory_mib"
                kind="number"
                value=number(own.memory_mib)
                optional=true
                hint="MiB for each instance; one that needs more is ended. The runner's default when empty; its page says how much that is."
            />
        </MoreInputs>
    }
}

/// Returns the machine types offered, and the option for none.
fn options(offered: &[MachineType]) -> Vec<Choice> {
    let own = Choice {
        value: String::new(),
        label: "own values, entered below".to_owned(),
    };
    let offered = offered.iter().map(|one| Choice {
        value: one.name.to_string(),
        label: words(one),
    });
    offered.chain([own]).collect()
}
