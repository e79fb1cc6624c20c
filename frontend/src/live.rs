//! What keeps a page up to date in the browser.

#[cfg(feature = "hydrate")]
mod ages;
#[cfg(feature = "hydrate")]
mod morph;
#[cfg(feature = "hydrate")]
mod notice;
#[cfg(feature = "hydrate")]
mod refresh;
#[cfg(feature = "hydrate")]
mod regions;
#[cfg(feature = "hydrate")]
mod socket;

/// What to do after a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Wait for another one.
    Listen,
    /// The stream is at its end.
    Close,
}

/// Starts what keeps the page up to date.
#[cfg(feature = "hydrate")]
pub(crate) fn start() {
    ages::start();
    regions::start();
}

/// Follows a stream for as long as there is a page, and again whenever it breaks. The address is
/// asked for each time, so that a stream with a position catches up.
pub(crate) fn follow(
    address: impl Fn() -> String + 'static,
    on_text: impl Fn(&str) -> Next + 'static,
) {
    #[cfg(feature = "hydrate")]
    regions::follow(Box::new(address), Box::new(on_text));
    // The server only draws the page.
    #[cfg(not(feature = "hydrate"))]
    drop((address, on_text));
}
