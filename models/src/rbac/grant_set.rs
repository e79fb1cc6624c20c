//! Sets of permissions on a scope.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Permission;

const _: () = assert!(
    Permission::ALL.len() <= u64::BITS as usize,
    "a set has one bit for each permission"
);

/// The permissions of an actor on one scope, such as a workspace.
///
/// On the wire, it is the list of their names, and belongs to the object that it is sent with. A
/// reader skips names that it does not know, because a newer server may have more permissions.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct GrantSet(u64);

impl GrantSet {
    /// True if the permission is in the set.
    pub fn allow(self, permission: Permission) -> bool {
        self.0 & bit(permission) != 0
    }

    /// The permissions that are in both sets.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The permissions, in the order of [`Permission::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Permission> {
        let all = Permission::ALL.iter().copied();
        all.filter(move |permission| self.allow(*permission))
    }
}

fn bit(permission: Permission) -> u64 {
    let mut all = Permission::ALL.iter();
    let position = all.position(|one| *one == permission);
    position.map_or(0, |position| 1 << position)
}

impl FromIterator<Permission> for GrantSet {
    fn from_iter<I: IntoIterator<Item = Permission>>(permissions: I) -> Self {
        let bits = permissions.into_iter().map(bit);
        Self(bits.fold(0, |set, bit| set | bit))
    }
}

impl fmt::Debug for GrantSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set()
            .entries(self.iter().map(Permission::name))
            .finish()
    }
}

impl Serialize for GrantSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for GrantSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let names = Vec::<String>::deserialize(deserializer)?;
        Ok(names
            .iter()
            .filter_map(|name| Permission::named(name))
            .collect())
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for GrantSet {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "GrantSet".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "array",
            "items": generator.subschema_for::<Permission>(),
            "uniqueItems": true,
            "description": "The permissions of the caller.",
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::GrantSet;
    use crate::rbac::{DeploymentAction, Permission, WorkspaceAction};

    #[test]
    fn a_set_has_exactly_the_permissions_that_were_put_in() {
        for permission in Permission::ALL {
            let set = GrantSet::from_iter([*permission]);
            assert_eq!(set.iter().collect::<Vec<_>>(), [*permission]);
        }
        assert_eq!(GrantSet::default().iter().count(), 0);
    }

    #[test]
    fn an_intersection_has_what_both_sets_have() {
        let [view, create, exec] = [
            Permission::Deployment(DeploymentAction::View),
            Permission::Deployment(DeploymentAction::Create),
            Permission::Deployment(DeploymentAction::Exec),
        ];
        let both =
            GrantSet::from_iter([view, create]).intersection(GrantSet::from_iter([view, exec]));
        assert_eq!(both, GrantSet::from_iter([view]));
    }

    #[test]
    fn a_set_is_a_list_of_names_and_skips_those_of_a_newer_server() {
        let set = GrantSet::from_iter([
            Permission::Workspace(WorkspaceAction::View),
            Permission::Deployment(DeploymentAction::Create),
        ]);
        let wire = json!(["deployment.create", "workspace.view"]);
        assert_eq!(serde_json::to_value(set).unwrap(), wire);
        let newer = json!(["workspace.view", "rocket.launch", "deployment.create"]);
        assert_eq!(serde_json::from_value::<GrantSet>(newer).unwrap(), set);
    }
}
