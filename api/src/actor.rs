//! Actors: the party that a call or a job acts for.
//!
//! Services take an actor and know nothing of the request behind it, so that pages, tokens,
//! runners and jobs take the same path through them.

use models::{
    ApiTokenId, RunnerId, UserId, WorkspaceId,
    actor::ActorKind,
    rbac::{GrantSet, Permission},
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
    /// The person that a token acts for; absent for actors that act for themselves.
    acts_for: Option<UserId>,
    /// The grants on the call's scope; absent when the call concerns none.
    membership: Option<Membership>,
}

/// The grants of a member of a workspace on a scope in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Membership {
    /// The workspace of the scope.
    pub workspace_id: WorkspaceId,
    /// The permissions on the scope.
    pub grants: GrantSet,
}

/// A person who is signed in, or a program that acts for them.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The person, or the API token, as an actor.
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

    /// A person.
    pub fn person(user_id: UserId, name: &str, address: ClientAddress) -> Self {
        Self {
            id: Some(user_id.uuid()),
            ..Self::new(ActorKind::Person, name).at(address)
        }
    }

    /// A program with an API token of a person.
    pub fn api_token(id: ApiTokenId, acts_for: UserId, name: &str, address: ClientAddress) -> Self {
        Self {
            id: Some(id.uuid()),
            acts_for: Some(acts_for),
            ..Self::new(ActorKind::ApiToken, name).at(address)
        }
    }

    /// The actor with their grants on the call's scope.
    #[must_use]
    pub fn with_membership(self, membership: Membership) -> Self {
        Self {
            membership: Some(membership),
            ..self
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

    /// True if the actor has the permission on the call's scope.
    pub fn may(&self, permission: Permission) -> bool {
        self.membership
            .is_some_and(|membership| membership.grants.allow(permission))
    }

    /// The grants on the call's scope. When they change, streams of the actor must be opened
    /// again.
    pub const fn membership(&self) -> Option<Membership> {
        self.membership
    }

    /// The topic of changes to the actor's permissions.
    pub fn topic(&self) -> Option<Topic> {
        let id = self.id?;
        match self.kind {
            ActorKind::ApiToken => self.acts_for.map(Topic::User),
            ActorKind::Person => Some(Topic::User(UserId::from_uuid(id))),
            ActorKind::Runner => Some(Topic::Runner(RunnerId::from_uuid(id))),
            ActorKind::Anonymous | ActorKind::System | ActorKind::Tag => None,
        }
    }

    /// The id of the accountable party.
    ///
    /// For an API token, it is the person; for others, the actor itself.
    pub fn principal_id(&self) -> Option<Uuid> {
        self.acts_for.map(UserId::uuid).or(self.id)
    }

    /// The id of the API token, if the actor is one.
    pub fn api_token_id(&self) -> Option<ApiTokenId> {
        let is_token = self.kind == ActorKind::ApiToken;
        self.id.filter(|_| is_token).map(ApiTokenId::from_uuid)
    }

    /// The person's id, if the actor is a person or acts for one.
    pub fn user_id(&self) -> Option<UserId> {
        let is_person = self.kind == ActorKind::Person;
        let own = self.id.filter(|_| is_person).map(UserId::from_uuid);
        self.acts_for.or(own)
    }

    fn new(kind: ActorKind, name: &str) -> Self {
        Self {
            kind,
            id: None,
            name: name.to_owned(),
            address: None,
            acts_for: None,
            membership: None,
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
