//! The inputs for how many instances there are, and how large.

use leptos::prelude::*;
use models::deployment::{Resources, Spec};

use crate::form::{MoreInputs, TextInput};

/// How many instances, and how large.
#[component]
pub(super) fn Size(spec: Spec) -> impl IntoView {
    let open = spec.instances != 1 || spec.resources != Resources::default();
    let number = |number: Option<u32>| number.map_or_else(String::new, |n| n.to_string());
    view! {
        <MoreInputs
            summary="Instances, processor and memory"
            fields=&["spec.instances", "spec.resources"]
            open=open
        >
            <TextInput
                label="Instances"
                field="spec.instances"
                kind="number"
                value=spec.instances.to_string()
            />
            <TextInput
                label="Processor"
                field="spec.resources.cpu_millis"
                kind="number"
                value=number(spec.resources.cpu_millis)
                optional=true
                hint="Thousandths of one processor for each instance: 500 is half of one. No limit when empty."
            />
            <TextInput
                label="Memory"
                field="spec.resources.memory_mib"
                kind="number"
                value=number(spec.resources.memory_mib)
                optional=true
                hint="MiB for each instance; one that needs more is ended. No limit when empty."
            />
        </MoreInputs>
    }
}
