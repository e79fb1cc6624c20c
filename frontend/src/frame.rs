//! The frame around the pages of signed-in people.

use components::{
    icon::{Glyph, Icon},
    layout::{
        Frame,
        menu::{Menu, MenuEnd},
        navigation::{NavigationItem, SideNavigation},
    },
};
use leptos::prelude::*;
use leptos_router::components::Outlet;
use models::{WorkspaceId, api::session::SignOut, endpoint::Empty};

use crate::{
    account::{Account, provide_account},
    form::EndpointForm,
    islands::theme::ThemeChoice,
    load::{LoadError, Loading},
    paths,
    region::LinkNotice,
    shell,
};

/// The frame around the current page.
#[component]
pub(crate) fn SignedIn() -> impl IntoView {
    let path = paths::requested().unwrap_or_default();
    let workspace_id = paths::workspace_of(&path);
    let account = provide_account(workspace_id);
    let refusal = LoadError::new();
    let home = workspace_id.map_or_else(|| "/".to_owned(), paths::workspace);
    view! {
        <Frame
            home=home
            switcher=move || view! { <Switcher account=account refusal=refusal.clone() /> }
            person=move || view! { <Person account=account /> }
            navigation=move || {
                workspace_id.map(|id| view! { <Navigation workspace_id=id path=path.clone() /> })
            }
        >
            <Outlet />
            <LinkNotice />
        </Frame>
    }
}

#[component]
fn Switcher(account: Loading<Account>, refusal: LoadError) -> impl IntoView {
    view! {
        <Suspense>
            {move || {
                let refusal = refusal.clone();
                Suspend::new(async move {
                    match account.await {
                        Ok(account) => view! { <WorkspaceMenu account=account /> }.into_any(),
                        Err(error) => {
                            // The page shows the error; here only the redirect to sign-in
                            // matters.
                            drop(refusal.view(error));
                            ().into_any()
                        }
                    }
                })
            }}
        </Suspense>
    }
}

#[component]
fn WorkspaceMenu(account: Account) -> impl IntoView {
    let current = account
        .workspace
        .as_ref()
        .map(|workspace| workspace.workspace_id);
    let name = account.workspace.map_or_else(
        || "Workspaces".to_owned(),
        |workspace| workspace.name.to_string(),
    );
    let label = format!("Workspace: {name}");
    view! {
        <Menu
            id="workspace-menu"
            label=label
            button=move || {
                view! {
                    <span>{name.clone()}</span>
                    <Icon glyph=Glyph::Down />
                }
            }
        >
            <p class="menu-heading">"Workspaces"</p>
            {account
                .workspaces
                .into_iter()
                .map(|workspace| {
                    let here = Some(workspace.workspace_id) == current;
                    view! {
                        <a
                            class="menu-item"
                            href=paths::workspace(workspace.workspace_id)
                            aria-current=here.then_some("true")
                        >
                            {workspace.name.to_string()}
                        </a>
                    }
                })
                .collect_view()}
            <hr class="menu-rule" />
            {current
                .map(|workspace_id| {
                    view! {
                        <a class="menu-item" href=paths::projects(workspace_id)>
                            <Icon glyph=Glyph::Deployment />
                            "Projects"
                        </a>
                    }
                })}
            <a class="menu-item" href=paths::NEW_WORKSPACE>
                <Icon glyph=Glyph::Plus />
                "New workspace"
            </a>
        </Menu>
    }
}

#[component]
fn Person(account: Loading<Account>) -> impl IntoView {
    let who = move || {
        Suspend::new(async move {
            account.await.ok().map(
                |Account {
                     user, workspace, ..
                 }| {
                    let tokens = workspace.map(|workspace| {
                        view! {
                            <a class="menu-item" href=paths::api_tokens(workspace.workspace_id)>
                                <Icon glyph=Glyph::Key />
                                "API tokens"
                            </a>
                            <hr class="menu-rule" />
                        }
                    });
                    view! {
                        <p class="menu-heading">
                            <strong>{user.name}</strong>
                            <br />
                            {user.email.to_string()}
                        </p>
                        {tokens}
                    }
                },
            )
        })
    };
    view! {
        <Menu
            id="person-menu"
            label="Account"
            end=MenuEnd::End
            button=|| view! { <Icon glyph=Glyph::User /> }
        >
            <Suspense>{who}</Suspense>
            <ThemeChoice theme=shell::theme().name() />
            <hr class="menu-rule" />
            <EndpointForm
                endpoint=SignOut
                path=Empty {}
                success=paths::SIGN_IN
                label="Sign out"
                busy_label="Signing out…"
            />
        </Menu>
    }
}

#[component]
fn Navigation(workspace_id: WorkspaceId, path: String) -> impl IntoView {
    let home = paths::workspace(workspace_id);
    let place = |name, glyph, href: String| {
        let is_current = path == href || (href != home && path.starts_with(&href));
        NavigationItem {
            name,
            glyph,
            href,
            is_current,
        }
    };
    let mut runners = place("Runners", Glyph::Runner, paths::runners(workspace_id));
    runners.is_current |= path.starts_with(&paths::enter_code(workspace_id, None));
    let items = vec![
        place("Home", Glyph::Home, home.clone()),
        place(
            "Deployments",
            Glyph::Deployment,
            paths::deployments(workspace_id),
        ),
        place("Volumes", Glyph::Volume, paths::volumes(workspace_id)),
        place("Secrets", Glyph::Secret, paths::secrets(workspace_id)),
        place(
            "Registries",
            Glyph::Registry,
            paths::registries(workspace_id),
        ),
        runners,
    ];
    view! { <SideNavigation items=items /> }
}
