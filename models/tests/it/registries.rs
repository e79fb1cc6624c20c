//! Credentials for registries on the wire.

use insta::assert_snapshot;
use models::{
    DeploymentId, RegistryId, WorkspaceId,
    api::workspace::registry::{
        CreateRegistry, CreateRegistryPath, CreateRegistryRequest, CreateRegistryResponse,
        UpdateRegistry, UpdateRegistryPath, UpdateRegistryRequest, UpdateRegistryResponse,
    },
    endpoint::Empty,
    registry::{Registry, RegistryUser},
    time::Timestamp,
    value::{ImageReference, RegistryHost, RegistryUserName, ResourceName, SecretText},
};
use uuid::Uuid;

use crate::exchange::exchange;

const AT: Timestamp = Timestamp::from_micros(1_700_000_000_000_001);

fn id<T: From<Uuid>>(number: u128) -> T {
    Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + number).into()
}

fn registry() -> Registry {
    Registry {
        registry_id: id::<RegistryId>(7),
        workspace_id: id::<WorkspaceId>(1),
        host: RegistryHost::new("ghcr.io").unwrap(),
        user_name: RegistryUserName::new("ada").unwrap(),
        used_by: vec![RegistryUser {
            deployment_id: id::<DeploymentId>(3),
            name: ResourceName::new("hello").unwrap(),
            image: ImageReference::new("ghcr.io/ada/hello:1").unwrap(),
        }],
        created_at: AT,
        updated_at: AT,
    }
}

#[test]
fn registries() {
    let path = CreateRegistryPath {
        workspace_id: id::<WorkspaceId>(1),
    };
    let request = CreateRegistryRequest {
        host: RegistryHost::new("ghcr.io").unwrap(),
        user_name: RegistryUserName::new("ada").unwrap(),
        password: SecretText::new("only pulls"),
    };
    let response = CreateRegistryResponse {
        registry: registry(),
    };
    let create = exchange::<CreateRegistry>(path, Empty {}, request, response);
    let update = |user_name: Option<&str>, password: Option<&str>| {
        let path = UpdateRegistryPath {
            workspace_id: id::<WorkspaceId>(1),
            registry_id: id::<RegistryId>(7),
        };
        let request = UpdateRegistryRequest {
            user_name: user_name.map(|name| RegistryUserName::new(name).unwrap()),
            password: password.map(SecretText::new),
        };
        let response = UpdateRegistryResponse {
            registry: registry(),
        };
        exchange::<UpdateRegistry>(path, Empty {}, request, response)
    };
    let calls = [
        create,
        update(Some("grace"), None),
        update(None, Some("still only pulls")),
    ];
    assert_snapshot!(calls.join("\n"));
}
