//! What the server hands to an island.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A property of an island.
///
/// An island's macro writes its properties down wherever it runs, also in the browser, where
/// nobody reads them. There this writes nothing, so that the code to do it is left out.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Handed<T>(pub(crate) T);

impl<T: Serialize> Serialize for Handed<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if cfg!(feature = "ssr") {
            self.0.serialize(serializer)
        } else {
            serializer.serialize_unit()
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Handed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self)
    }
}
