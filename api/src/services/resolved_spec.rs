//! Specifications of releases, with the values of their secrets.

use models::{
    WorkspaceId,
    deployment::{ImageCheckUse, MAX_CONTENT_BYTES, RestartPolicy, Spec},
    error::{ApiError, FieldError},
    runner::{RunnerFile, RunnerSpec, RunnerVariable},
    value::{Argument, EnvironmentValue, FileContent},
};
use uuid::Uuid;

use super::{sealed_spec, secret};
use crate::{app::App, db::Source, error::AppError, seal::DataKey};

/// A specification in which references to secrets have their values.
///
/// It can be sealed for the database, framed for a runner, or reduced to what people may see.
/// It can be neither printed nor serialized, so that no other way leads out.
pub(super) struct ResolvedSpec(Spec);

impl ResolvedSpec {
    /// Resolves the secrets of a specification to their current values.
    pub(super) async fn resolve(
        app: &App,
        source: impl Into<Source<'_>>,
        workspace_id: WorkspaceId,
        spec: &Spec,
    ) -> Result<Self, AppError> {
        let mut source = source.into();
        let mut spec = spec.clone();
        for variable in &mut spec.environment {
            if let Some(secret_id) = variable.secret_id {
                let text =
                    secret::value_of(app, source.reborrow(), workspace_id, secret_id).await?;
                variable.value = EnvironmentValue::trusted(text);
            }
        }
        for file in &mut spec.config_files {
            if let Some(secret_id) = file.secret_id {
                let text =
                    secret::value_of(app, source.reborrow(), workspace_id, secret_id).await?;
                file.content = FileContent::trusted(text);
            }
        }
        if spec.content_bytes() > MAX_CONTENT_BYTES {
            // No runner would accept it, and the link limits the size of frames.
            let too_large = FieldError {
                field: "spec.environment".to_owned(),
                message: "With the values of their secrets, the environment and the \
                          configuration files exceed 512 KiB in total. Make them smaller."
                    .to_owned(),
            };
            return Err(ApiError::invalid(vec![too_large]).into());
        }
        Ok(Self(spec))
    }

    /// Opens the specification of a release.
    pub(super) fn open(
        key: &DataKey,
        workspace_id: WorkspaceId,
        release: &crate::store::release::Release,
    ) -> Result<Self, AppError> {
        let (owner, rest) = (release.release_id().uuid(), release.spec());
        sealed_spec::open(key, workspace_id, owner, rest, &release.sealed_fields).map(Self)
    }

    /// Opens the specification of a run.
    pub(super) fn open_run(
        key: &DataKey,
        workspace_id: WorkspaceId,
        run: &crate::store::run::Run,
    ) -> Result<Self, AppError> {
        let (owner, rest) = (run.run_id().uuid(), run.spec());
        sealed_spec::open(key, workspace_id, owner, rest, &run.sealed_fields).map(Self)
    }

    /// Turns the specification of a release into that of a task.
    ///
    /// The task has one instance, no ports and no volumes, since the release's instances have
    /// those. Without an entry point and arguments, it runs the release's own program.
    pub(super) fn into_task(self, entrypoint: &[Argument], arguments: &[Argument]) -> Self {
        let Self(mut spec) = self;
        if !entrypoint.is_empty() {
            spec.entrypoint = entrypoint.to_vec();
            spec.arguments.clear();
        }
        if !arguments.is_empty() {
            spec.arguments = arguments.to_vec();
        }
        Self(Spec {
            entrypoint: spec.entrypoint,
            arguments: spec.arguments,
            user: spec.user,
            working_directory: spec.working_directory,
            environment: spec.environment,
            config_files: spec.config_files,
            resources: spec.resources,
            stop: spec.stop,
            image_health_check: ImageCheckUse::Ignore,
            restart: RestartPolicy::Never,
            ..Spec::of_image(spec.image)
        })
    }

    /// Seals the specification for a release or a run, as [`sealed_spec::seal`].
    pub(super) fn seal(
        &self,
        key: &DataKey,
        workspace_id: WorkspaceId,
        owner: Uuid,
    ) -> Result<(Spec, Vec<u8>), AppError> {
        sealed_spec::seal(key, workspace_id, owner, &self.0)
    }

    /// Returns the specification for a runner.
    ///
    /// It has the values, and no references to secrets.
    pub(super) fn for_runner(self) -> RunnerSpec {
        let Self(mut spec) = self;
        let environment = std::mem::take(&mut spec.environment).into_iter();
        let environment = environment.map(|variable| RunnerVariable {
            name: variable.name,
            value: variable.value,
        });
        let files = std::mem::take(&mut spec.config_files).into_iter();
        let files = files.map(|file| RunnerFile {
            path: file.path,
            content: file.content,
            mode: file.mode,
            owner: file.owner,
        });
        spec.at_stage(environment.collect(), files.collect())
    }

    /// Returns the specification for people.
    ///
    /// It has references to secrets in place of their values.
    pub(super) fn into_spec(self) -> Spec {
        let Self(mut spec) = self;
        for variable in &mut spec.environment {
            if variable.secret_id.is_some() {
                variable.value = EnvironmentValue::default();
            }
        }
        for file in &mut spec.config_files {
            if file.secret_id.is_some() {
                file.content = FileContent::default();
            }
        }
        spec
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use serde::Serialize;
    use serde_json::json;

    use super::ResolvedSpec;

    /// Has one implementation for every type, and a second one for types that leak.
    trait Leak<Of> {
        fn is_none() -> bool {
            true
        }
    }

    struct Printed;
    struct Serialized;

    impl<T> Leak<()> for T {}
    impl<T: Debug> Leak<Printed> for T {}
    impl<T: Serialize> Leak<Serialized> for T {}

    #[test]
    fn a_resolved_specification_can_be_neither_printed_nor_serialized() {
        // Ambiguous, so that it does not compile, if the type implements one of the traits.
        assert!(<ResolvedSpec as Leak<_>>::is_none());
    }

    fn resolved() -> ResolvedSpec {
        let secret = uuid::Uuid::from_u128(1);
        let spec = json!({
            "image": "app",
            "environment": [
                {"name": "PLAIN", "value": "own"},
                {"name": "SECRET", "value": "canary", "secret_id": secret},
            ],
            "config_files": [
                {"path": "/a", "content": "canary", "secret_id": secret, "mode": "0600"},
            ],
        });
        ResolvedSpec(serde_json::from_value(spec).unwrap())
    }

    #[test]
    fn people_get_references_without_values() {
        let spec = serde_json::to_string(&resolved().into_spec()).unwrap();
        assert!(spec.contains("own") && !spec.contains("canary"), "{spec}");
    }

    #[test]
    fn a_runner_gets_values_without_references() {
        let spec = resolved().for_runner();
        assert!(!format!("{spec:?}").contains("canary"));
        let spec = serde_json::to_value(spec).unwrap();
        let environment = json!([
            {"name": "PLAIN", "value": "own"},
            {"name": "SECRET", "value": "canary"},
        ]);
        assert_eq!(spec["environment"], environment);
        let file = json!({"path": "/a", "content": "canary", "mode": "0600"});
        assert_eq!(spec["config_files"], json!([file]));
    }
}
