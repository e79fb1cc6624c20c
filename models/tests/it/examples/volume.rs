//! Volumes, and a deployment with a volume.

use insta::assert_snapshot;
use models::{
    VolumeId,
    api::workspace::{
        deployment::{
            UpdateDeployment, UpdateDeploymentPath, UpdateDeploymentRequest,
            UpdateDeploymentResponse,
        },
        volume::{
            CreateVolume, CreateVolumePath, CreateVolumeRequest, CreateVolumeResponse,
            DeleteVolume, DeleteVolumePath, DeleteVolumeResponse, ForgetVolume, ForgetVolumePath,
            ListVolumes, ListVolumesPath, ReplaceLostVolume, ReplaceLostVolumePath,
            ReplaceLostVolumeResponse, RestoreVolume, RestoreVolumePath, RestoreVolumeResponse,
            UpdateVolume, UpdateVolumePath, UpdateVolumeRequest, UpdateVolumeResponse,
        },
    },
    deployment::{Failure, FailureCode, Fault, Spec, VolumeMount},
    endpoint::Empty,
    page::{EnvironmentPageQuery, Page},
    value::ContainerPath,
    volume::{Attachment, RemovalFailure, Trash, Volume, VolumeSize},
};

use super::{
    at, deployment_id, environment, id, name, new_deployment, runner_id, spec, workspace_id,
};
use crate::exchange::exchange;

fn volume_id() -> VolumeId {
    id(7)
}

fn path() -> ContainerPath {
    ContainerPath::new("/var/lib/postgresql/data").unwrap()
}

fn volume() -> Volume {
    Volume {
        volume_id: volume_id(),
        workspace_id: workspace_id(),
        environment: environment(),
        name: name("database"),
        runner_id: runner_id(),
        runner_name: name("this-machine"),
        runner_connected: true,
        size_bytes: VolumeSize::from_bytes(10 << 30),
        attached: None,
        trash: None,
        lost_at: None,
        created_at: at(0),
        updated_at: at(1),
    }
}

fn in_trash() -> Volume {
    Volume {
        trash: Some(Trash {
            trashed_at: at(2),
            purge_at: at(604_802),
            is_purging: false,
            removal_failure: None,
        }),
        ..volume()
    }
}

fn kept() -> Volume {
    let failure = Failure {
        fault: Fault::Platform,
        code: FailureCode::VolumeBusy,
        message: "A container is still using the volume.".to_owned(),
    };
    Volume {
        runner_connected: false,
        trash: Some(Trash {
            trashed_at: at(2),
            purge_at: at(604_802),
            is_purging: true,
            removal_failure: Some(RemovalFailure {
                failure,
                at: at(604_900),
            }),
        }),
        ..volume()
    }
}

#[test]
fn volumes() {
    let workspace_id = workspace_id();
    let request = CreateVolumeRequest {
        environment: None,
        name: name("database"),
        runner_id: runner_id(),
        size_bytes: VolumeSize::from_bytes(10 << 30),
    };
    let response = CreateVolumeResponse { volume: volume() };
    let path = CreateVolumePath { workspace_id };
    let create = exchange::<CreateVolume>(path, Empty {}, request, response);

    let attached = Volume {
        attached: Some(Attachment {
            deployment_id: deployment_id(),
            name: name("hello"),
            path: self::path(),
        }),
        ..volume()
    };
    let missing = Volume {
        lost_at: Some(at(3)),
        ..attached.clone()
    };
    let page = Page {
        items: vec![attached, in_trash(), kept(), missing],
        next_cursor: None,
        total: 4,
    };
    let path = ListVolumesPath { workspace_id };
    let list = exchange::<ListVolumes>(path, EnvironmentPageQuery::default(), Empty {}, page);

    let volume_id = volume_id();
    let path = UpdateVolumePath {
        workspace_id,
        volume_id,
    };
    let request = UpdateVolumeRequest {
        name: None,
        size_bytes: Some(VolumeSize::from_bytes(20 << 30)),
    };
    let response = UpdateVolumeResponse { volume: volume() };
    let update = exchange::<UpdateVolume>(path, Empty {}, request, response);

    let path = DeleteVolumePath {
        workspace_id,
        volume_id,
    };
    let response = DeleteVolumeResponse { volume: in_trash() };
    let delete = exchange::<DeleteVolume>(path, Empty {}, Empty {}, response);

    let path = RestoreVolumePath {
        workspace_id,
        volume_id,
    };
    let response = RestoreVolumeResponse { volume: volume() };
    let restore = exchange::<RestoreVolume>(path, Empty {}, Empty {}, response);

    let path = ReplaceLostVolumePath {
        workspace_id,
        volume_id,
    };
    let response = ReplaceLostVolumeResponse { volume: volume() };
    let replace = exchange::<ReplaceLostVolume>(path, Empty {}, Empty {}, response);

    let path = ForgetVolumePath {
        workspace_id,
        volume_id,
    };
    let forget = exchange::<ForgetVolume>(path, Empty {}, Empty {}, Empty {});
    let calls = [create, list, update, delete, restore, replace, forget].join("\n");
    assert_snapshot!(calls);
}

#[test]
fn a_deployment_with_a_volume() {
    let path = UpdateDeploymentPath {
        workspace_id: workspace_id(),
        deployment_id: deployment_id(),
    };
    let volumes = vec![VolumeMount {
        volume_id: volume_id(),
        path: self::path(),
    }];
    let request = UpdateDeploymentRequest {
        spec: Spec {
            volumes,
            ..Spec::of_image(spec().image)
        },
        machine_type: None,
        deploy: None,
        auto_deploy: None,
        if_unchanged_since: None,
    };
    let response = UpdateDeploymentResponse {
        deployment: new_deployment(),
    };
    let call = exchange::<UpdateDeployment>(path, Empty {}, request, response);
    assert_snapshot!(call);
}
