//! Parts of a view that change.
//!
//! A closure in a view is a type of its own, and each type brings kilobytes of WebAssembly with
//! it. These functions give all of them the same few types.

use std::sync::{Arc, Mutex};

use leptos::prelude::*;

/// A view that is drawn anew whenever what it reads changes.
pub type Changing = Arc<Mutex<dyn FnMut() -> AnyView + Send>>;

/// A text that is written anew whenever what it reads changes.
pub type ChangingText = Arc<Mutex<dyn FnMut() -> String + Send>>;

/// A view that is drawn anew whenever what it reads changes.
pub fn changing<V: IntoAny>(mut draw: impl FnMut() -> V + Send + 'static) -> Changing {
    Arc::new(Mutex::new(move || draw().into_any()))
}

/// A text that is written anew whenever what it reads changes.
pub fn changing_text(write: impl FnMut() -> String + Send + 'static) -> ChangingText {
    Arc::new(Mutex::new(write))
}
