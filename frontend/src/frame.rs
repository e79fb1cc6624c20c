//! The frame around the pages of somebody who is signed in.

use components::{
    icon::{Glyph, Icon},
    layout::{
        Frame,
        menu::{Menu, MenuEnd},
        navigation::{NavigationItem, SideNavigation},
    },
    theme::{Theme, ThemeSwitch},
};
use leptos::prelude::*;
use leptos_router::{components::Outlet, hooks::use_location, location::Url};
use models::{WorkspaceId, api::session::SignOut, endpoint::Empty};

use crate::{
    account::{Account, provide_account},
    browser,
    form::EndpointForm,
    load::{Loading, Refusal},
    paths,
};

/// The colours that the person chose.
#[derive(Clone, Copy)]
pub(crate) struct ChosenTheme(pub(crate) RwSignal<Theme>);

/// The frame, around whatever page the address names.
#[component]
pub(crate) fn SignedIn() -> impl IntoView {
    let pathname = use_location().pathname;
    let path = Memo::new(move |_| Url::unescape(&pathname.read()));
    let workspace_id = Memo::new(move |_| paths::workspace_of(&path.read()));
    let account = provide_account(workspace_id);
    let refusal = Refusal::new();
    // Its address must not change with the page, or the frame would be drawn anew.
    view! {
        <Frame
            home="/"
            switcher=move || view! { <Switcher account=account refusal=refusal.clone() /> }
            person=move || view! { <Person account=account /> }
            navigation=move || {
                move || workspace_id.get().map(|id| view! { <Navigation workspace_id=id path=path /> })
            }
        >
            <Outlet />
        </Frame>
    }
}

#[component]
fn Switcher(account: Loading<Account>, refusal: Refusal) -> impl IntoView {
    view! {
        <Suspense>
            {move || {
                let refusal = refusal.clone();
                Suspend::new(async move {
                    match account.await {
                        Ok(account) => view! { <WorkspaceMenu account=account /> }.into_any(),
                        // The page says what is wrong; here only the way to sign in matters.
                        Err(error) => {
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
            <a class="menu-item" href=paths::NEW_WORKSPACE>
                <Icon glyph=Glyph::Plus />
                "New workspace"
            </a>
        </Menu>
    }
}

#[component]
fn Person(account: Loading<Account>) -> impl IntoView {
    let theme = use_context::<ChosenTheme>().map_or_else(RwSignal::default, |theme| theme.0);
    let choose = Callback::new(move |choice| {
        theme.set(choice);
        browser::wear(choice);
    });
    view! {
        <Menu
            id="person-menu"
            label="You"
            end=MenuEnd::End
            button=|| view! { <Icon glyph=Glyph::User /> }
        >
            <Suspense>
                {move || Suspend::new(async move {
                    account
                        .await
                        .ok()
                        .map(|Account { user, .. }| {
                            view! {
                                <p class="menu-heading">
                                    <strong>{user.name}</strong>
                                    <br />
                                    {user.email.to_string()}
                                </p>
                            }
                        })
                })}
            </Suspense>
            <ThemeSwitch theme=theme on_choose=choose />
            <hr class="menu-rule" />
            <EndpointForm
                endpoint=SignOut
                path=Empty {}
                success=paths::SIGN_IN
                native=true
                label="Sign out"
                busy_label="Signing out…"
            >
                ""
            </EndpointForm>
        </Menu>
    }
}

#[component]
fn Navigation(workspace_id: WorkspaceId, path: Memo<String>) -> impl IntoView {
    let home = paths::workspace(workspace_id);
    let place = |name, glyph, href: String, exact: bool| {
        let target = href.clone();
        let is_current = Signal::derive(move || {
            let path = path.read();
            *path == target || (!exact && path.starts_with(&format!("{target}/")))
        });
        NavigationItem {
            name,
            glyph,
            href: Signal::stored(href),
            is_current,
        }
    };
    let items = vec![
        place("Home", Glyph::Home, home, true),
        place(
            "Deployments",
            Glyph::Deployment,
            paths::deployments(workspace_id),
            false,
        ),
        place(
            "Runners",
            Glyph::Runner,
            paths::runners(workspace_id),
            false,
        ),
    ];
    view! { <SideNavigation items=items /> }
}
