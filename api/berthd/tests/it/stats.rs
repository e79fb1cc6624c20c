//! Instance stats, as people see them.

mod reading;
mod trends;
