//! Components of the dashboard's pages.
//!
//! Every component is a function of its properties: this crate knows no URL scheme, no endpoint
//! and no network. Each component is complete as HTML alone; an element that needs scripts is
//! an island and appears after hydration. No component writes inline styles or scripts, so that
//! a strict Content Security Policy holds.

pub mod alert;
pub mod button;
pub mod chart;
pub mod code;
pub mod confirm;
pub mod diff;
pub mod disclosure;
pub mod empty;
pub mod environment;
pub mod facts;
pub mod field;
pub mod format;
pub mod icon;
pub mod last_error;
pub mod layout;
pub mod log;
pub mod page;
pub mod rows;
pub mod section;
pub mod select;
pub mod status;
pub mod tabs;
pub mod text_area;
pub mod theme;
pub mod time;
pub mod timeline;

mod area_text;
mod hydrated;
