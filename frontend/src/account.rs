//! The person who is signed in, and what they are where they are.

use leptos::prelude::*;
use models::{
    WorkspaceId,
    api::{
        session::GetSession,
        workspace::{GetWorkspace, GetWorkspacePath, ListWorkspaces},
    },
    endpoint::Empty,
    error::ApiError,
    page::{MAX_LIMIT, PageQuery},
    rbac::Permission,
    user::User,
    workspace::Workspace,
};
use serde::{Deserialize, Serialize};

use crate::{
    client::{PageClient, use_client},
    load::Loading,
};

/// The person who is signed in, their workspaces, and the one they are in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Account {
    pub(crate) user: User,
    pub(crate) workspaces: Vec<Workspace>,
    pub(crate) workspace: Option<Workspace>,
}

/// The account, as the frame provides it to the pages within.
#[derive(Clone, Copy)]
struct AccountContext(Loading<Account>);

/// Reads the account, again for each workspace, and provides it to the pages within.
pub(crate) fn provide_account(workspace_id: Memo<Option<WorkspaceId>>) -> Loading<Account> {
    let client = use_client();
    let account = Resource::new(
        move || workspace_id.get(),
        move |workspace_id| read(client.clone(), workspace_id),
    );
    provide_context(AccountContext(account));
    account
}

async fn read(client: PageClient, workspace_id: Option<WorkspaceId>) -> Result<Account, ApiError> {
    let none = Empty {};
    let user = client.call::<GetSession>(&none, &none, &none).await?.user;
    let all = PageQuery {
        limit: Some(MAX_LIMIT),
        cursor: None,
    };
    let workspaces = client.call::<ListWorkspaces>(&none, &all, &none).await?;
    let workspace = match workspace_id {
        Some(workspace_id) => {
            let path = GetWorkspacePath { workspace_id };
            Some(
                client
                    .call::<GetWorkspace>(&path, &none, &none)
                    .await?
                    .workspace,
            )
        }
        None => None,
    };
    Ok(Account {
        user,
        workspaces: workspaces.items,
        workspace,
    })
}

/// Shows its children to those whose role allows something. The server decides again anyway; this
/// spares people buttons that would only refuse.
#[component]
pub(crate) fn Allowed(
    permission: Permission,
    /// What the others see.
    #[prop(optional, into)]
    otherwise: ViewFn,
    children: ChildrenFn,
) -> impl IntoView {
    let account = use_context::<AccountContext>();
    view! {
        <Suspense>
            {move || {
                let (children, otherwise) = (children.clone(), otherwise.clone());
                Suspend::new(async move {
                    let role = match account {
                        Some(AccountContext(account)) => account.await.ok(),
                        None => None,
                    }
                        .and_then(|account| account.workspace)
                        .map(|workspace| workspace.role);
                    if role.is_some_and(|role| role.allows(permission)) {
                        children()
                    } else {
                        otherwise.run()
                    }
                })
            }}
        </Suspense>
    }
}
