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
                hint="The CPU and memory of each instance."
            />
        }
    });
    view! {
        {choice}
        <MoreInputs
            summary="Custom CPU and memory"
            fields=&["spec.resources"]
            open={own != Resources::default()}
        >
            <p class="field-hint">
                "Used only if no machine type is selected. To use a machine type, leave these fields empty."
            </p>
            <TextInput
                label="CPU"
                field="spec.resources.cpu_millis"
                kind="number"
                value=number(own.cpu_millis)
                optional=true
                hint="Thousandths of a CPU for each instance: 500 is half a CPU. Leave empty for no limit."
            />
            <TextInput
                label="Memory"
                field="spec.resources.memory_mib"
                kind="number"
                value=number(own.memory_mib)
                optional=true
                hint="MiB for each instance. An instance that needs more is killed. Leave empty for the runner's default, which its page shows."
            />
        </MoreInputs>
    }
}

/// Returns the machine types offered, and the option for none.
fn options(offered: &[MachineType]) -> Vec<Choice> {
    let own = Choice {
        value: String::new(),
        label: "custom, entered below".to_owned(),
    };
    let offered = offered.iter().map(|one| Choice {
        value: one.name.to_string(),
        label: words(one),
    });
    offered.chain([own]).collect()
}
