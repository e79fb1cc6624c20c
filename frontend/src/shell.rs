//! The HTML document around every page.

use components::theme::Theme;
use leptos::{config::LeptosOptions, nonce::use_nonce, prelude::*};
use leptos_meta::{HashedStylesheet, MetaTags};
use models::form::FormOutcome;

use crate::{
    app::App,
    browser::THEME_COOKIE,
    clock,
    context::{FormAnswer, SiteFiles},
    paths,
};

/// The document around the requested page.
///
/// Pages before sign-in are plain: they carry no WebAssembly and load quickly on a slow
/// connection.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    // Resources that no island reads are not serialized into the page.
    if let Some(shared) = Owner::current_shared_context() {
        shared.set_is_hydrating(false);
    }
    let page = paths::requested().unwrap_or_default();
    let posted = use_context::<FormOutcome>().is_some() || use_context::<FormAnswer>().is_some();
    let scripts = paths::is_live(&page).then(|| {
        view! {
            <AutoReload options=options.clone() />
            <Scripts options=options.clone() />
        }
    });
    let now = clock::provide();
    provide_context(SiteFiles(format!("/{}", options.site_pkg_dir)));
    view! {
        <!DOCTYPE html>
        <html
            lang="en"
            data-theme=theme().name()
            data-now=now.micros().to_string()
            data-page=posted.then_some(page)
        >
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <link rel="icon" href="/icon.svg" type="image/svg+xml" />
                <HashedStylesheet options=options id="style" />
                {scripts}
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}

/// Loads the WebAssembly without a chain of requests, and hydrates the islands.
///
/// Replaces Leptos' own component: its preloads carry no nonce, so a policy that trusts only
/// nonces refuses them; and it waits for an idle moment, which may be long on a busy page.
#[component]
fn Scripts(options: LeptosOptions) -> impl IntoView {
    let nonce = use_nonce();
    let file = format!("/{}/{}", options.site_pkg_dir, options.output_name);
    let (script, program) = (format!("{file}.js"), format!("{file}.wasm"));
    let start = format!(
        "import({script:?}).then(m => m.default({{module_or_path: {program:?}}}).then(() => {{\
         window.hydrateIslands = root => {{\
         const within = [...root.querySelectorAll('leptos-island')];\
         if (root.matches?.('leptos-island')) within.push(root);\
         for (const island of within)\
         m[island.dataset.component](island);\
         }};\
         m.hydrate();\
         hydrateIslands(document);\
         }}))"
    );
    view! {
        <link rel="modulepreload" href=script nonce=nonce.clone() />
        <link
            rel="preload"
            href=program
            r#as="fetch"
            r#type="application/wasm"
            crossorigin="anonymous"
            nonce=nonce.clone()
        />
        <script type="module" nonce=nonce>
            {start}
        </script>
    }
}

/// Returns the chosen theme, from the request's cookie.
pub(crate) fn theme() -> Theme {
    use_context::<http::request::Parts>()
        .and_then(|parts| {
            parts
                .headers
                .get_all(http::header::COOKIE)
                .iter()
                .filter_map(|header| header.to_str().ok())
                .flat_map(|header| header.split(';'))
                .filter_map(|pair| pair.trim().split_once('='))
                .find(|(name, _)| *name == THEME_COOKIE)
                .map(|(_, value)| Theme::from_name(value))
        })
        .unwrap_or_default()
}
