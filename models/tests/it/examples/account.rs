//! Set-up, sign-in and workspaces.

use insta::assert_snapshot;
use models::{
    api::{
        session::{SignIn, SignInRequest, SignInResponse, SignOut},
        setup::{CompleteSetup, CompleteSetupRequest, CompleteSetupResponse},
        workspace::{
            CreateWorkspace, CreateWorkspaceRequest, CreateWorkspaceResponse, ListWorkspaces,
        },
    },
    endpoint::Empty,
    page::{Page, PageQuery},
    rbac::Role,
    user::User,
    value::{DisplayName, Email, Password, SecretText},
    workspace::Workspace,
};

use super::{at, name, user_id, workspace_id};
use crate::exchange::exchange;

fn user() -> User {
    User {
        user_id: user_id(),
        name: "Ada Lovelace".to_owned(),
        email: Email::new("ada@example.org").unwrap(),
    }
}

fn workspace() -> Workspace {
    Workspace {
        workspace_id: workspace_id(),
        name: name("main"),
        role: Role::Owner,
        grants: Role::Owner.grants(),
        environments: 1,
        created_at: at(0),
    }
}

#[test]
fn set_up() {
    let request = CompleteSetupRequest {
        token: SecretText::new("one-time"),
        name: DisplayName::new("Ada Lovelace").unwrap(),
        email: Email::new("ada@example.org").unwrap(),
        password: Password::new("correct horse battery staple"),
        workspace_name: name("main"),
    };
    let response = CompleteSetupResponse {
        user: user(),
        workspace: workspace(),
    };
    let call = exchange::<CompleteSetup>(Empty {}, Empty {}, request, response);
    assert_snapshot!(call);
}

#[test]
fn session() {
    let request = SignInRequest {
        email: Email::new("ada@example.org").unwrap(),
        password: SecretText::new("correct horse battery staple"),
    };
    let sign_in = exchange::<SignIn>(Empty {}, Empty {}, request, SignInResponse { user: user() });
    let sign_out = exchange::<SignOut>(Empty {}, Empty {}, Empty {}, Empty {});
    let calls = [sign_in, sign_out].join("\n");
    assert_snapshot!(calls);
}

#[test]
fn workspaces() {
    let request = CreateWorkspaceRequest { name: name("main") };
    let response = CreateWorkspaceResponse {
        workspace: workspace(),
    };
    let create = exchange::<CreateWorkspace>(Empty {}, Empty {}, request, response);
    let page = Page {
        items: vec![workspace()],
        next_cursor: None,
        total: 1,
    };
    let list = exchange::<ListWorkspaces>(Empty {}, PageQuery::default(), Empty {}, page);
    let calls = [create, list].join("\n");
    assert_snapshot!(calls);
}
