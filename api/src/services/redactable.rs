//! Redaction of values that not every reader may see.

use models::{
    deployment::Redact,
    rbac::{DeploymentAction, Permission},
};

use crate::actor::Actor;

/// A value that is redacted for its reader before it leaves the server.
///
/// There is no other way to its content.
#[derive(Clone, Debug)]
pub struct Redactable<T>(T);

impl<T: Redact> Redactable<T> {
    pub(super) const fn new(whole: T) -> Self {
        Self(whole)
    }

    /// Returns the value as this person may see it.
    pub fn for_reader(self, reader: &Actor) -> T {
        if reader.may(Permission::Deployment(DeploymentAction::ViewValues)) {
            self.0
        } else {
            self.redacted()
        }
    }

    /// Returns the value as every permitted reader may see it.
    pub fn redacted(mut self) -> T {
        self.0.redact();
        self.0
    }
}
