//! Actors: the party that a call or a job acts for.
//!
//! Services take an actor and know nothing of the request behind it, so that pages, tokens,
//! runners and jobs take the same path through them.

use models::{
    RunnerId, UserId,
    actor::ActorKind,
    rbac::{Permission, Role},
};
use uuid::Uuid;

use crate::{bus::Topic, client::ClientAddress};

/// A party that acts; [`ActorKind`] lists the kinds.
#[derive(Clone, Debug)]
pub struct Actor {
    /// The kind of party.
    pub kind: ActorKind,
    /// The id of the person or runner; absent for other kinds.
    pub id: Option<Uuid>,
    /// The display name, as it is recorded.
    pub name: String,
    /// The address of the call; absent for actors without one.
    pub address: Option<ClientAddress>,
    /// The role in the call's workspace; absent when the call concerns none.
    role: Option<Role>,
}

/// A person who is signed in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The person as an actor.
    pub actor: Actor,
    /// The person's id.
    pub user_id: UserId,
    /// The person's email address.
    pub email: String,
}

/// A runner that authenticated with its token.
#[derive(Clone, Debug)]
pub struct LinkedRunner {
    /// The runner as an actor.
    pub actor: Actor,
    /// The runner's id.
    pub runner_id: RunnerId,
}

impl Actor {
    /// An unauthenticated caller.
    pub fn anonymous(address: ClientAddress) -> Self {
        Self::new(ActorKind::Anonymous, "anonymous").at(address)
    }

    /// A caller who claims an identity without proof.
    ///
    /// The id is that of the named account, if it exists.
    pub fn unproven(user_id: Option<UserId>, name: &str, address: ClientAddress) -> Self {
        Self {
            id: user_id.map(UserId::uuid),
            ..Self::new(ActorKind::Anonymous, name).at(address)
        }
    }

    /// A person; `role` is the one in the call's workspace.
    pub fn person(user_id: UserId, name: &str, role: Option<Role>, address: ClientAddress) -> Self {
        Self {
            id: Some(user_id.uuid()),
            role,
            ..Self::new(ActorKind::Person, name).at(address)
        }
    }

    /// A runner.
    pub fn runner(runner_id: RunnerId, address: ClientAddress) -> Self {
        Self {
            id: Some(runner_id.uuid()),
            ..Self::new(ActorKind::Runner, "runner").at(address)
        }
    }

    /// A tag that moved at its registry.
    pub fn tag(name: &str) -> Self {
        Self::new(ActorKind::Tag, name)
    }

    /// True if the actor has the permission in the call's workspace.
    pub fn may(&self, permission: Permission) -> bool {
        self.role.is_some_and(|role| role.allows(permission))
    }

    /// The role in the call's workspace. When it changes, streams of the actor must be opened
    /// again.
    pub const fn role(&self) -> Option<Role> {
        self.role
    }

    /// The topic of changes to the actor's permissions.
    pub fn topic(&self) -> Option<Topic> {
        let id = self.id?;
        match self.kind {
            ActorKind::Person => Some(Topic::User(UserId::from_uuid(id))),
            ActorKind::Runner => Some(Topic::Runner(RunnerId::from_uuid(id))),
            ActorKind::Anonymous | ActorKind::ApiToken | ActorKind::System | ActorKind::Tag => None,
        }
    }

    /// The person's id, if the actor is a person.
    pub fn user_id(&self) -> Option<UserId> {
        let is_person = self.kind == ActorKind::Person;
        self.id.filter(|_| is_person).map(UserId::from_uuid)
    }

    fn new(kind: ActorKind, name: &str) -> Self {
        Self {
            kind,
            id: None,
            name: name.to_owned(),
            address: None,
            role: None,
        }
    }

    fn at(self, address: ClientAddress) -> Self {
        Self {
            address: Some(address),
            ..self
        }
    }
}

impl AsRef<Actor> for Actor {
    fn as_ref(&self) -> &Actor {
        self
    }
}

impl AsRef<Actor> for SignedIn {
    fn as_ref(&self) -> &Actor {
        &self.actor
    }
}

impl AsRef<Actor> for LinkedRunner {
    fn as_ref(&self) -> &Actor {
        &self.actor
    }
}
