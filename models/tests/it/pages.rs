//! Queries of lists: a cursor survives a round trip unchanged.

use garde::Validate;
use models::{
    WorkspaceId,
    api::workspace::runner::{ListRunners, ListRunnersPath},
    client::url,
    page::{Cursor, MAX_LIMIT, PageQuery},
};
use proptest::prelude::*;
use uuid::Uuid;

fn query(url: &str) -> Result<PageQuery, serde_qs::Error> {
    serde_qs::from_str(url.split_once('?').map_or("", |(_, query)| query))
}

proptest! {
    #[test]
    fn a_page_s_query_survives_the_url(
        limit: Option<u16>,
        cursor in prop::option::of(prop::collection::vec(any::<char>(), 1..60)),
    ) {
        let cursor = cursor.map(|text| Cursor(text.into_iter().collect()));
        let asked = PageQuery { limit, cursor };
        let path = ListRunnersPath { workspace_id: WorkspaceId::from_uuid(Uuid::nil()) };
        let url = url::<ListRunners>(&path, &asked).unwrap();
        prop_assert!(url.parse::<http::Uri>().is_ok(), "{url} is no URL");
        prop_assert_eq!(query(&url).unwrap(), asked);
    }

    #[test]
    fn any_query_is_read_or_refused(text in prop_oneof![any::<String>(), "[a-z=&%\\[\\]0-9]{0,80}", "(limit|cursor)=.{0,40}"]) {
        if let Ok(asked) = query(&format!("?{text}")) {
            let _ = asked.validate();
        }
    }
}

#[test]
fn only_limits_within_bounds_are_valid() {
    for limit in [0, 1, MAX_LIMIT, MAX_LIMIT + 1, u16::MAX] {
        let asked = PageQuery {
            limit: Some(limit),
            cursor: None,
        };
        let is_within = (1..=MAX_LIMIT).contains(&limit);
        assert_eq!(asked.validate().is_ok(), is_within, "{limit}");
    }
}
