//! Page for unknown addresses.

use components::layout::PlainFrame;
use leptos::prelude::*;
use models::error::ErrorCode;

use crate::load::LoadError;

/// Says that there is nothing at this address.
#[component]
pub(crate) fn NotFound() -> impl IntoView {
    let view = LoadError::new().view(ErrorCode::NotFound.into());
    view! { <PlainFrame>{view}</PlainFrame> }
}
