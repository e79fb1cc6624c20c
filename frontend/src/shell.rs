//! The document around every page.

/// The cookie with the colours that a person chose.
pub(crate) const THEME_COOKIE: &str = "berth_theme";

#[cfg(feature = "ssr")]
mod server {
    use components::theme::Theme;
    use leptos::{config::LeptosOptions, prelude::*};
    use leptos_meta::{HashedStylesheet, MetaTags};
    use leptos_router::location::RequestUrl;

    use super::THEME_COOKIE;
    use crate::{app::App, paths};

    /// The document around the page that the request asks for.
    ///
    /// Pages before sign-in are plain: they carry no WebAssembly and are quick on any line.
    pub fn shell(options: LeptosOptions) -> impl IntoView {
        let live = use_context::<RequestUrl>().is_some_and(|url| paths::is_live(url.as_ref()));
        let scripts = live.then(|| {
            let options = options.clone();
            view! {
                <AutoReload options=options.clone() />
                <HydrationScripts options=options />
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
