//! Live updates of a page in the browser.

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

/// The next step after a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Wait for another message.
    Listen,
    /// Close the stream.
    Close,
}

/// Starts the live updates of the page.
#[cfg(feature = "hydrate")]
pub(crate) fn start() {
    ages::start();
    regions::start();
}

/// Follows a stream for the life of the page, and reconnects when it breaks.
///
/// The address is computed for each attempt, so that a stream with a position catches up.
pub(crate) fn follow(
    address: impl Fn() -> String + 'static,
    on_text: impl Fn(&str) -> Next + 'static,
) {
    #[cfg(feature = "hydrate")]
    regions::follow(Box::new(address), Box::new(on_text));
    // The server only renders the page.
    #[cfg(not(feature = "hydrate"))]
    drop((address, on_text));
}
