//! Registration of runners, as people see it.

mod hostile;
mod pages;
