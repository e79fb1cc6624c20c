//! The page of a deployment's stats.

use api::{clock::Clock, db_test};
use harness::stats::Fixture;
use runner_common::conformance::fake::USAGE;

use crate::whole;

db_test! {
    async fn a_page_shows_charts_and_the_newest_values(db: Db) {
        let mut fixture = Fixture::on(whole(db), Clock::system()).await;
        let path = format!("/workspace/{}/deployment/{}/metrics", fixture.workspace_id, fixture.deployment_id);
        let empty = fixture.owner.page(&path).await;
        assert_eq!(empty.status, 200, "{empty:?}");
        assert!(empty.text.contains("No data for this time range"), "{}", empty.text);
        let mut sample = fixture.sample(0x00ab_cdef, 0);
        sample.usage = USAGE;
        fixture.ingest(vec![sample]).await;
        for range in ["", "?range=6h", "?range=24h", "?range=7d", "?range=30d", "?range=nonsense"] {
            let page = fixture.owner.page(&format!("{path}{range}")).await;
            assert_eq!(page.status, 200, "{page:?}");
            assert_eq!(page.text.matches("role=\"img\"").count(), 6, "{}", page.text);
            for part in [
                "/stats/stream\"", "<code>abcdef", "0.25 CPU", "64 MiB", "2 KiB/s",
                "abcdef 64 MiB. Max: 64 MiB. Limit: 512 MiB.",
            ] {
                assert!(page.text.contains(part), "{part} is missing in {}", page.text);
            }
            assert!(!page.text.contains("style=\""), "{}", page.text);
        }
        let mut eve = fixture.server.person("eve", None).await;
        assert_eq!(eve.page(&path).await.status, 404);
    }
}
