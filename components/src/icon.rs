//! The icons, drawn on a 16 × 16 grid.

use leptos::prelude::*;

macro_rules! glyphs {
    ($($(#[$doc:meta])* $name:ident = $path:literal;)*) => {
        /// The icons by their subjects.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Glyph { $($(#[$doc])* $name,)* }

        impl Glyph {
            /// Every icon, for the gallery.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Returns the drawing as SVG path data.
            const fn path(self) -> &'static str {
                match self { $(Self::$name => $path,)* }
            }
        }
    };
}

glyphs! {
    /// Berth's logo: a boat at a quay.
    Berth = "M2 9.5h12l-1.8 4H3.8zM8 9.5V2.2l4.2 4.6H8M4.8 6.8h3.2";
    /// Back to the previous page.
    Back = "M10 3.5 5.5 8 10 12.5";
    /// Opens to the side.
    Chevron = "M6 3.5 10.5 8 6 12.5";
    /// Success.
    Check = "M3 8.5 6.5 12 13 4.5";
    /// A time or a duration.
    Clock = "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 4.8V8l2.2 1.6";
    /// Copy to the clipboard.
    Copy = "M6 6h7v7.5H6zM3 10V2.5h7";
    /// Failure.
    Cross = "M4 4l8 8M12 4l-8 8";
    /// A deployment.
    Deployment = "M8 1.8 13.8 5v6L8 14.2 2.2 11V5zM2.4 5.1 8 8.2l5.6-3.1M8 8.2v5.8";
    /// Opens below.
    Down = "M3.5 6 8 10.5 12.5 6";
    /// Nothing yet.
    Dot = "M8 8.2v-.4";
    /// Opens another site.
    External = "M9.5 2.5h4v4M13.2 2.8 7.5 8.5M12 9.5v4H2.5V4h4";
    /// The home page.
    Home = "M2.5 7.2 8 2.5l5.5 4.7V13.5h-4V9.8h-3v3.7h-4z";
    /// A key: an API token.
    Key = "M10.2 9.3a3.8 3.8 0 1 0-3.5-3.5L2.5 10v3.5h3v-2h2v-1.5zM10.9 5.1v.1";
    /// Unknown.
    Question = "M5.6 5.8a2.4 2.4 0 1 1 3.5 2.1C8.3 8.4 8 8.8 8 9.6M8 12.4v.1";
    /// Waiting.
    Pause = "M5.5 3.5v9M10.5 3.5v9";
    /// The dark theme.
    Moon = "M13.2 9.6A5.6 5.6 0 0 1 6.4 2.8a5.6 5.6 0 1 0 6.8 6.8z";
    /// Adds something.
    Plus = "M8 3v10M3 8h10";
    /// A container registry.
    Registry = "M2.5 10v3.5h11V10M8 2.2v7.6M5 7l3 3 3-3";
    /// A runner.
    Runner = "M2.5 3h11v4h-11zM2.5 9h11v4h-11zM5 5v.1M5 11v.1M8 5h3M8 11h3";
    /// A secret.
    Secret = "M3.8 7.2h8.4v6.3H3.8zM5.4 7.2V5.1a2.6 2.6 0 0 1 5.2 0v2.1M8 9.7v1.3";
    /// The system's theme.
    Screen = "M2 3h12v8H2zM5.5 13.5h5";
    /// In progress.
    Spinner = "M8 2a6 6 0 1 0 6 6";
    /// Running.
    Play = "M5 3.2 12.5 8 5 12.8z";
    /// Stopped.
    Stop = "M4 4h8v8H4z";
    /// The light theme.
    Sun = "M8 10.6a2.6 2.6 0 1 0 0-5.2 2.6 2.6 0 0 0 0 5.2zM8 1.5v1.2M8 13.3v1.2M1.5 8h1.2M13.3 8h1.2M3.4 3.4l.9.9M11.7 11.7l.9.9M3.4 12.6l.9-.9M11.7 4.3l.9-.9";
    /// A person.
    User = "M8 8a2.8 2.8 0 1 0 0-5.6A2.8 2.8 0 0 0 8 8zM2.8 13.8c.5-2.4 2.6-3.6 5.2-3.6s4.7 1.2 5.2 3.6";
    /// A volume.
    Volume = "M2.8 4.2c0-1.2 2.3-2.2 5.2-2.2s5.2 1 5.2 2.2-2.3 2.2-5.2 2.2-5.2-1-5.2-2.2zM2.8 4.2v7.6c0 1.2 2.3 2.2 5.2 2.2s5.2-1 5.2-2.2V4.2M2.8 8c0 1.2 2.3 2.2 5.2 2.2s5.2-1 5.2-2.2";
    /// Needs attention.
    Warning = "M8 2.2 14.3 13H1.7zM8 6.4v3M8 11.3v.1";
}

/// An icon, always beside a word or in a button with a label.
#[component]
pub fn Icon(
    /// The icon to show.
    glyph: Glyph,
    /// True if the icon spins, for work in progress.
    #[prop(optional)]
    turning: bool,
) -> impl IntoView {
    view! {
        <svg class="icon" class:icon-turning=turning viewBox="0 0 16 16" aria-hidden="true">
            <path d=glyph.path()></path>
        </svg>
    }
}
