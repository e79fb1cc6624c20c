//! The clock of this machine, by which platforms stamp lines.

use std::time::SystemTime;

use models::time::Timestamp;

/// This moment.
#[expect(
    clippy::disallowed_methods,
    reason = "whether the clock was set back can be seen on that clock alone"
)]
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let micros = since.map_or(0, |since| since.as_micros());
    Timestamp::from_micros(i64::try_from(micros).unwrap_or(i64::MAX))
}
