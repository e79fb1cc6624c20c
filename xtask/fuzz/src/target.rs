//! Fuzz targets and their invariants.

mod forms;
mod frames;
mod pages;
mod places;
mod texts;
mod values;

/// A reader of untrusted input.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Name on the command line and of the corpus's folder.
    pub name: &'static str,
    /// Description of its input.
    pub about: &'static str,
    /// Initial inputs, at least one of each kind.
    pub seeds: &'static [&'static str],
    /// Panics if an invariant does not hold.
    pub check: fn(&[u8]),
}

/// Every target.
pub const TARGETS: [Target; 11] = [
    frames::OF_RUNNERS,
    frames::OF_SERVERS,
    frames::OF_PAGES,
    forms::BODIES,
    forms::PASTED,
    values::IMAGES,
    values::NAMES,
    values::PATHS,
    texts::LOG_LINES,
    pages::QUERIES,
    places::ADDRESSES,
];

/// Returns the input as text, as every reader here receives it.
fn text(input: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(input)
}
