//! The document around every page.

/// The cookie with the colours that a person chose.
pub(crate) const THEME_COOKIE: &str = "berth_theme";

#[cfg(feature = "ssr")]
mod server {
    use components::theme::Theme;
    use leptos::{config::LeptosOptions, nonce::use_nonce, prelude::*};
    use leptos_meta::{HashedStylesheet, MetaTags};

    use super::THEME_COOKIE;
    use crate::{app::App, paths};

    /// The document around the page that the request asks for.
    ///
    /// Pages before sign-in are plain: they carry no WebAssembly and are quick on any line.
    pub fn shell(options: LeptosOptions) -> impl IntoView {
        let live = paths::requested().is_some_and(|page| paths::is_live(&page));
        let scripts = live.then(|| {
            view! {
                <AutoReload options=options.clone() />
                <Hydration options=options.clone() />
            }
        });
        view! {
            <!DOCTYPE html>
            <html lang="en" data-theme=theme().name()>
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

    /// Loads the program that takes the page over, without waiting for one file to name the next.
    ///
    /// Not Leptos' own component: its preloads carry no nonce, and a policy that trusts nonces
    /// only refuses them.
    #[component]
    fn Hydration(options: LeptosOptions) -> impl IntoView {
        let nonce = use_nonce();
        let file = format!("/{}/{}", options.site_pkg_dir, options.output_name);
        let (script, program) = (format!("{file}.js"), format!("{file}.wasm"));
        let start = format!(
            "import({script:?}).then(m => m.default({{module_or_path: {program:?}}})\
             .then(() => m.hydrate()))"
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

    /// The colours that the person chose, by the request's cookie.
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
}

#[cfg(feature = "ssr")]
pub use server::shell;
#[cfg(feature = "ssr")]
pub(crate) use server::theme;
