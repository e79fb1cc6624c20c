//! Queries of lists and logs.

use garde::Validate;
use models::{api::workspace::deployment::ListLogLinesQuery, page::PageQuery, time::Timestamp};

use super::{Target, text};

pub(super) const QUERIES: Target = Target {
    name: "queries",
    about: "queries of lists and logs, with cursors and times",
    seeds: &[
        "limit=3&cursor=app-1",
        "cursor=a%00b",
        "before=9&after=-1&from=2026-01-01T00:00:00Z&to=2026-01-01T00:00:00.000001%2B02:00&search=a%20b&limit=1000",
        "instance_id=01890000-0000-7000-8000-000000000001&stream=stderr",
        "2026-02-30T24:61:61Z",
        "+999999-12-31T23:59:59.999999999Z",
    ],
    check: |input| {
        let query = text(input);
        if let Ok(page) = serde_qs::from_str::<PageQuery>(&query)
            && page.validate().is_ok()
        {
            assert!(
                (1..=200).contains(&page.limit()),
                "{query:?} wants {}",
                page.limit()
            );
            let cursor = page.cursor.map(|cursor| cursor.0).unwrap_or_default();
            assert!(
                !cursor.contains(char::is_control),
                "{query:?} begins behind {cursor:?}"
            );
        }
        if let Ok(lines) = serde_qs::from_str::<ListLogLinesQuery>(&query) {
            lines.validate().ok();
        }
        let moment = serde_json::Value::from(query.as_ref());
        if let Ok(moment) = serde_json::from_value::<Timestamp>(moment) {
            let written = serde_json::to_value(moment);
            let again = written.and_then(serde_json::from_value::<Timestamp>);
            assert_eq!(again.ok(), Some(moment), "{query:?} changes");
        }
    },
};
