//! The facts of the image, and its folders without a volume.

use components::{
    alert::Alert,
    button::ButtonKind,
    facts::{Fact, Facts},
    section::{Card, Section},
    status::Tone,
};
use leptos::prelude::*;
use models::{
    api::workspace::volume::{CreateVolume, CreateVolumePath},
    deployment::{Deployment, ImageDescription, Spec},
    form::input_name,
};

use crate::{
    form::EndpointForm,
    paths,
    sections::image_text::{describe_health_check, joined, signal_of},
};

/// Initial size of a volume created here. It can grow.
const SIZE: &str = "10 GiB";
/// Maximum length of a volume's name.
const MAX_NAME: usize = 63;

/// The facts of the running image.
#[component]
pub(super) fn FromImage(deployment: Deployment) -> impl IntoView {
    let image = deployment.image.as_ref()?;
    let facts = facts(image, &deployment.spec);
    if facts.is_empty() {
        return None;
    }
    let facts = facts.into_iter().map(|fact| {
        let replaced = fact.is_replaced.then(|| {
            view! { <span class="soft">" (overridden in settings)"</span> }
        });
        view! {
            <Fact name=fact.name>
                <code>{fact.value}</code>
                {replaced}
            </Fact>
        }
    });
    let facts = facts.collect_view();
    Some(view! {
        <Section title="From the image">
            <Card>
                <Facts>{facts}</Facts>
            </Card>
        </Section>
    })
}

/// The folders that the image declares as volumes but that have no volume.
#[component]
pub(super) fn UnmountedVolumes(deployment: Deployment, may_edit: bool) -> impl IntoView {
    let image = deployment.image.as_ref()?;
    let folders = image.unmounted_volumes(&deployment.spec.volumes);
    if folders.is_empty() {
        return None;
    }
    let forms = may_edit.then(|| {
        let forms = folders.iter().map(|folder| {
            view! { <AddVolumeForm deployment=deployment.clone() folder=folder.clone() /> }
        });
        forms.collect_view()
    });
    Some(view! {
        <Alert tone=Tone::Warn title="Data is kept only until the next release">
            <p>
                "The image declares that the app stores data in " <code>{folders.join(", ")}</code>
                ". No volume is mounted there, so each restart and each release starts with an empty directory."
            </p>
            {forms}
        </Alert>
    })
}

/// Creates a volume, then opens the settings with the volume mounted at the folder.
#[component]
fn AddVolumeForm(deployment: Deployment, folder: String) -> impl IntoView {
    let Deployment {
        workspace_id,
        deployment_id,
        runner_id,
        ..
    } = deployment;
    let name = volume_name(deployment.name.as_str(), &folder);
    let settings = paths::settings(workspace_id, deployment_id);
    let after = format!(
        "{settings}?folder={}&volume={{volume.volume_id}}",
        escaped(&folder)
    );
    let hidden = [
        ("name", name.clone()),
        ("runner_id", runner_id.to_string()),
        ("size_bytes", SIZE.to_owned()),
    ]
    .map(|(field, value)| view! { <input type="hidden" name=input_name(field) value=value /> });
    view! {
        <EndpointForm
            endpoint=CreateVolume
            path=CreateVolumePath { workspace_id }
            success=after
            kind=ButtonKind::Secondary
            label=format!("Create volume for {folder}")
            busy_label="Creating…"
            note=format!("Creates the volume {name} of {SIZE} and fills it in on the settings page.")
        >
            {hidden.into_iter().collect_view()}
        </EndpointForm>
    }
}

/// Returns a name that tells the data's origin, for example `web-var-lib-app`.
fn volume_name(deployment: &str, folder: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            '-'
        }
    };
    let folder: String = folder.chars().map(plain).collect();
    let name = format!("{deployment}-{}", folder.trim_matches('-'));
    let cut: String = name.chars().take(MAX_NAME).collect();
    cut.trim_end_matches('-').to_owned()
}

/// Escapes a folder for an address; braces are placeholders there.
fn escaped(folder: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte);
    let bytes = folder.bytes().map(|byte| {
        if is_plain(byte) {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    });
    bytes.collect()
}

/// One fact of an image.
struct ImageFact {
    name: &'static str,
    value: String,
    /// True if the settings override it.
    is_replaced: bool,
}

fn facts(image: &ImageDescription, spec: &Spec) -> Vec<ImageFact> {
    let has_entrypoint = !spec.entrypoint.is_empty();
    let has_words = has_entrypoint || !spec.arguments.is_empty();
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let platform = &image.platform;
    let built_for = if platform.architecture.is_empty() {
        String::new()
    } else {
        platform.to_string()
    };
    let signal = signal_of(image).unwrap_or_default().to_owned();
    let check = image.health_check.as_ref().map(describe_health_check);
    let all = [
        ("Entry point", joined(&image.entrypoint), has_entrypoint),
        ("Arguments", joined(&image.command), has_words),
        ("User", text(&image.user), spec.user.is_some()),
        (
            "Working directory",
            text(&image.working_directory),
            spec.working_directory.is_some(),
        ),
        ("Stop signal", signal, spec.stop.signal.is_some()),
        ("Health check", check.unwrap_or_default(), false),
        ("Declared volumes", image.volumes.join(", "), false),
        ("Declared ports", image.exposed_ports.join(", "), false),
        ("Built for", built_for, false),
    ];
    let facts = all.into_iter().map(|(name, value, is_replaced)| ImageFact {
        name,
        value,
        is_replaced,
    });
    facts.filter(|fact| !fact.value.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use models::{
        deployment::{ImageDescription, Spec},
        value::ResourceName,
    };
    use serde_json::json;

    use super::{escaped, facts, volume_name};

    #[test]
    fn a_volume_is_named_after_its_app_and_its_folder() {
        for (folder, name) in [
            ("/data", "web-data"),
            ("/var/lib/PostgreSQL", "web-var-lib-postgresql"),
            ("/a b/é", "web-a-b"),
            ("/", "web"),
        ] {
            assert_eq!(volume_name("web", folder), name);
            assert!(ResourceName::new(name).is_ok());
        }
        let long = volume_name("web", &"/folder".repeat(20));
        assert!(ResourceName::new(long).is_ok());
    }

    #[test]
    fn a_folder_in_an_address_stands_for_nothing_else() {
        assert_eq!(escaped("/data"), "/data");
        assert_eq!(escaped("/a&b={x}"), "/a%26b%3D%7Bx%7D");
    }

    #[test]
    fn facts_that_the_settings_replace_are_marked() {
        let image: ImageDescription = serde_json::from_value(json!({
            "entrypoint": ["/entry"], "command": ["a"], "user": "app",
            "platform": {"os": "linux", "architecture": "amd64"},
        }))
        .unwrap();
        let marked = |spec: serde_json::Value| {
            let spec: Spec = serde_json::from_value(spec).unwrap();
            let facts = facts(&image, &spec).into_iter();
            let marked = facts.filter(|fact| fact.is_replaced);
            marked.map(|fact| fact.name).collect::<Vec<_>>()
        };
        assert_eq!(marked(json!({"image": "app"})), [""; 0]);
        let arguments = json!({"image": "app", "arguments": ["b"]});
        assert_eq!(marked(arguments), ["Arguments"]);
        let all = json!({"image": "app", "entrypoint": ["/b"], "user": "0", "stop": {"signal": "SIGINT"}});
        assert_eq!(
            marked(all),
            ["Entry point", "Arguments", "User", "Stop signal"]
        );
    }
}
