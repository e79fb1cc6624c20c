//! What is tried, and what must hold of it.

mod forms;
mod frames;
mod pages;
mod places;
mod texts;
mod values;

/// Something that reads what others wrote.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// What it is called on the command line; the folder of its corpus too.
    pub name: &'static str,
    /// What it reads.
    pub about: &'static str,
    /// Inputs to begin with, one at least of each kind.
    pub seeds: &'static [&'static str],
    /// Panics when what must always hold does not.
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

/// The input as text, as everything here reads it.
fn text(input: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(input)
}
