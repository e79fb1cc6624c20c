//! Volumes, as people see them.

mod kept;
mod lost;
mod pages;
