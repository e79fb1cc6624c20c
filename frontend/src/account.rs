//! The signed-in person, and their grants in the current workspace.

use leptos::prelude::*;
use models::{
    WorkspaceId,
    api::{
        session::GetSession,
        workspace::{GetWorkspace, GetWorkspacePath, ListWorkspaces},
    },
    endpoint::Empty,
    error::ApiError,
    rbac::{GrantSet, Permission},
    user::User,
    workspace::Workspace,
};
use serde::{Deserialize, Serialize};

use crate::{
    client::{PageClient, use_client},
    load::{Loading, first_page},
};

/// The signed-in person, their workspaces, and the current one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Account {
    pub(crate) user: User,
    pub(crate) workspaces: Vec<Workspace>,
    pub(crate) workspace: Option<Workspace>,
}

/// The account; the frame provides it to the page as context.
#[derive(Clone, Copy)]
pub(crate) struct AccountContext(pub(crate) Loading<Account>);

/// Permissions of the person in the workspace.
///
/// The server checks every request again; these only hide buttons that would be refused.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Grants {
    set: GrantSet,
    environments: i64,
}

impl Grants {
    /// True if the person has this permission.
    pub(crate) fn allow(self, permission: Permission) -> bool {
        self.set.allow(permission)
    }

    /// True if the workspace has more than one environment.
    ///
    /// Pages mention environments only then.
    pub(crate) fn show_environments(self) -> bool {
        self.environments > 1
    }

    /// Returns the permissions of this account; none if the page knows no account.
    pub(crate) async fn of(account: Option<AccountContext>) -> Self {
        match account {
            Some(AccountContext(account)) => {
                let account = account.await.ok();
                let workspace = account.and_then(|account| account.workspace);
                workspace.map_or_else(Self::default, |workspace| Self {
                    set: workspace.grants,
                    environments: workspace.environments,
                })
            }
            None => Self::default(),
        }
    }
}

/// Reads the account and provides it to the page as context.
pub(crate) fn provide_account(workspace_id: Option<WorkspaceId>) -> Loading<Account> {
    let account = OnceResource::new(read(use_client(), workspace_id));
    provide_context(AccountContext(account));
    account
}

async fn read(client: PageClient, workspace_id: Option<WorkspaceId>) -> Result<Account, ApiError> {
    let none = Empty {};
    let user = client.call::<GetSession>(&none, &none, &none).await?.user;
    let workspaces = client
        .call::<ListWorkspaces>(&none, &first_page(), &none)
        .await?;
    let workspace = match workspace_id {
        Some(workspace_id) => {
            let path = GetWorkspacePath { workspace_id };
            let answer = client.call::<GetWorkspace>(&path, &none, &none).await?;
            Some(answer.workspace)
        }
        None => None,
    };
    Ok(Account {
        user,
        workspaces: workspaces.items,
        workspace,
    })
}
