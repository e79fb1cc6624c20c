//! Seeds that once found something. They run before all others, for ever.

/// A seed, and what it found.
pub(crate) const PINNED: &[(u64, &str)] = &[];
