//! Instance stats: samples, their retention, and the limits of trust in runners.

mod keeping;
mod reading;
mod taking;
mod trends;
