//! The tag that a deployment's image names, and what it means in its registry.

use serde::{Deserialize, Serialize};

use super::Failure;
use crate::{time::Timestamp, value::ImageReference};

/// What a runner found when it asked a registry what a tag means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TagLook {
    /// When it asked last.
    pub looked_at: Timestamp,
    /// The digest that the tag meant when that could be learnt last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// Whether a person rolled back, so that what the tag means now is left alone until it moves.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub held: bool,
    /// Why it could not be learnt when it asked last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
}

/// Checks that an image has a tag to watch, when that is wanted.
///
/// # Errors
/// When it is named by its digest.
pub fn watchable(image: &ImageReference) -> impl FnOnce(&Option<bool>, &()) -> garde::Result + '_ {
    move |wanted, ()| {
        if *wanted != Some(true) || image.tag().is_some() {
            return Ok(());
        }
        Err(garde::Error::new(
            "The image is named by its digest, which never moves. Name it by a tag, or leave this \
             off.",
        ))
    }
}
