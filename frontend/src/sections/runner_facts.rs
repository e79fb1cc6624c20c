//! Facts about a runner's host, as names and values.

use components::{code::CodeInline, facts::Fact, format};
use leptos::prelude::*;
use models::runner::{AppFirewall, RunnerInfo};

use super::runner_platform;

/// Facts about a runner's host, for a list of facts.
#[component]
pub(crate) fn HostFacts(about: RunnerInfo) -> impl IntoView {
    let platform = runner_platform::describe(&about);
    let RunnerInfo {
        kind: _,
        version,
        platform_version: _,
        platform_api: _,
        tested_platforms: _,
        os,
        arch,
        host_name,
        cpus,
        memory_bytes,
        disk_bytes,
        volumes,
        tags,
        runs,
        private_networks,
        publish_address,
        policy,
        app_firewall,
    } = about;
    let disk = disk_bytes.map(|disk| {
        view! { <Fact name="Disk">{format::bytes(disk)}</Fact> }
    });
    let default_memory = policy
        .and_then(|policy| policy.memory_mib(None))
        .map(|mib| {
            let memory = format::bytes(u64::from(mib) << 20);
            view! { <Fact name="Default memory limit">{format!("{memory} per instance")}</Fact> }
        });
    let firewall = app_firewall.map(|firewall| {
        let firewall = match firewall {
            AppFirewall::Closed => "closed to apps",
            AppFirewall::Open => "open to apps",
            AppFirewall::Unavailable => "cannot be closed to apps",
        };
        view! { <Fact name="Other host ports">{firewall}</Fact> }
    });
    let published = publish_address.map(|address| {
        view! {
            <Fact name="Publishes apps on">
                <CodeInline text=address.to_string() />
            </Fact>
        }
    });
    view! {
        <Fact name="Host name">
            <CodeInline text=host_name />
        </Fact>
        <Fact name="System">{format!("{os} on {arch}")}</Fact>
        <Fact name="Platform">{platform}</Fact>
        <Fact name="Runner version">{version}</Fact>
        <Fact name="CPUs">{cpus.to_string()}</Fact>
        <Fact name="Memory">{format::bytes(memory_bytes)}</Fact>
        {default_memory}
        {disk}
        {published}
        <Fact name="Volumes">{if volumes { "supported" } else { "not supported" }}</Fact>
        <Fact name="Runs">{if runs { "supported" } else { "not supported" }}</Fact>
        <Fact name="Private networks">
            {if private_networks { "supported" } else { "not supported" }}
        </Fact>
        <Fact name="Auto-deploy">{if tags { "supported" } else { "not supported" }}</Fact>
        {firewall}
    }
}
