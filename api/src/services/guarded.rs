//! Answers with values that not everybody may see.

use models::{
    deployment::HideValues,
    rbac::{DeploymentAction, Permission},
};

use crate::actor::Actor;

/// Something whose values are hidden before it leaves the server, unless its reader may see them.
/// There is no other way to what is in it.
#[derive(Clone, Debug)]
pub struct Guarded<T>(T);

impl<T: HideValues> Guarded<T> {
    pub(super) const fn new(whole: T) -> Self {
        Self(whole)
    }

    /// As this person may see it.
    pub fn seen_by(self, reader: &Actor) -> T {
        if reader.may(Permission::Deployment(DeploymentAction::ViewValues)) {
            self.0
        } else {
            self.without_values()
        }
    }

    /// As everybody may see it who may see it at all.
    pub fn without_values(mut self) -> T {
        self.0.hide_values();
        self.0
    }
}
