//! What the server knows and the browser cannot: it travels with the page.

use components::theme::Theme;
use leptos::server::SharedValue;
use models::{form::FormOutcome, time::Timestamp};
use serde::{Deserialize, Serialize};

use crate::{browser, context::FormAnswer};

/// What travels with the page. The browser's first picture is made of the same values.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Handover {
    /// What time it was on the server.
    pub(crate) now: Timestamp,
    /// The colours that the person chose.
    theme: String,
    /// Where the server is reached.
    pub(crate) public_url: String,
    /// The page that is shown; after a form it is not the address in the browser.
    page: String,
    /// A form that was not accepted.
    pub(crate) outcome: Option<FormOutcome>,
    /// A form whose answer the page shows.
    pub(crate) answer: Option<FormAnswer>,
}

impl Handover {
    /// Collected on the server, read from the page in the browser.
    pub(crate) fn receive() -> Self {
        let handover = SharedValue::new(collect).into_inner();
        if handover.outcome.is_some() || handover.answer.is_some() {
            // A posted form shows its page under the form's own address. The router must not see
            // that one, and a reload must not post again.
            browser::replace_address(&handover.page);
        }
        handover
    }

    /// The colours that the person chose.
    pub(crate) fn theme(&self) -> Theme {
        Theme::from_name(&self.theme)
    }
}

#[cfg(feature = "ssr")]
fn collect() -> Handover {
    use leptos::prelude::use_context;

    use crate::context::PublicUrl;

    Handover {
        now: system_time(),
        theme: crate::shell::theme().name().to_owned(),
        public_url: use_context::<PublicUrl>().map_or_else(String::new, |url| url.0),
        page: crate::paths::requested().unwrap_or_default(),
        outcome: use_context::<FormOutcome>(),
        answer: use_context::<FormAnswer>(),
    }
}

#[cfg(feature = "ssr")]
fn system_time() -> Timestamp {
    let since_epoch = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp::from_micros(i64::try_from(since_epoch.as_micros()).unwrap_or(i64::MAX))
}

/// Only reached when a page came without its handover.
#[cfg(not(feature = "ssr"))]
fn collect() -> Handover {
    Handover {
        now: browser::now(),
        theme: Theme::System.name().to_owned(),
        public_url: browser::origin(),
        page: String::new(),
        outcome: None,
        answer: None,
    }
}
