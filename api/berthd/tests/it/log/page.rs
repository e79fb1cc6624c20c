//! The page of a log, as a browser without scripts gets it.

use api::db_test;
use harness::{
    Answer,
    log::{BEGIN, Fixture, instance, line, lines, pages_of},
};

use crate::whole;

/// Counts the occurrences of a text in a page.
fn count(answer: &Answer, text: &str) -> usize {
    answer.text.matches(text).count()
}

/// The address of the link with this text.
fn link<'a>(answer: &'a Answer, label: &str) -> Option<&'a str> {
    let (before, _) = answer.text.split_once(&format!(">{label}<"))?;
    let (_, tag) = before.rsplit_once("<a ")?;
    tag.split_once("href=\"")?.1.split('"').next()
}

db_test! {
    async fn a_log_is_read_page_by_page_without_scripts(db: Db) {
        let mut fixture = Fixture::new(whole(db)).await;
        for batch in lines(1, 0..1_200).chunks(300) {
            fixture.append(batch).await;
        }
        let (workspace, id) = (fixture.workspace_id, fixture.deployment_id);
        let page = format!("/workspace/{workspace}/deployment/{id}/logs");
        let live = fixture.owner.page(&page).await;
        assert_eq!(live.status, 200);
        assert_eq!(count(&live, "id=\"line-"), 500);
        assert!(live.text.contains("<leptos-island"), "new lines are followed");
        assert!(live.text.contains("method=\"get\""));
        let mut seen = 500;
        let mut next = link(&live, "Older lines").unwrap().replace("&amp;", "&");
        loop {
            let older = fixture.owner.page(&next).await;
            seen += count(&older, "id=\"line-");
            assert!(link(&older, "Newest lines").is_some());
            match link(&older, "Older lines") {
                Some(href) => next = href.replace("&amp;", "&"),
                None => break,
            }
        }
        assert_eq!(seen, 1_200);
        let first = fixture.forward(&pages_of(1)).await[0].position;
        let link = format!("href=\"?before={}#line-{first}\"", first + 50);
        let oldest = fixture.owner.page(&format!("{page}?before={}", first + 50)).await;
        assert_eq!(count(&oldest, "id=\"line-"), 50);
        assert!(oldest.text.contains(&link), "{}", oldest.text);
    }

    async fn search_matches_are_marked_and_stay_text(db: Db) {
        let mut fixture = Fixture::new(whole(db)).await;
        let printed = [
            "<script>alert('needle')</script>",
            "a \u{1b}[31mNEE\u{1b}[0mDLE in colors",
            "nothing of the kind",
        ];
        let sent: Vec<_> = (0..).zip(printed).map(|(n, text)| line(1, n, text)).collect();
        fixture.append(&sent).await;
        fixture.append(&[line(2, 5, "another needle")]).await;
        let (workspace, id) = (fixture.workspace_id, fixture.deployment_id);
        let page = format!("/workspace/{workspace}/deployment/{id}/logs");
        let found = fixture.owner.page(&format!("{page}?search=Needle")).await;
        assert_eq!(count(&found, "id=\"line-"), 3);
        assert_eq!(count(&found, "<mark>"), 4, "one of them has two colors");
        assert!(!found.text.contains("<script>alert"), "markup came through");
        assert!(found.text.contains("value=\"Needle\""), "the form forgot what was typed");
        assert_eq!(link(&found, "Older lines"), None);
        let of_one = format!("{page}?search=needle&instance_id={}", instance(2));
        assert_eq!(count(&fixture.owner.page(&of_one).await, "<mark>"), 1);
        let evil = fixture.owner.page(&format!("{page}?search=%22%3E%3Cscript%3Ex")).await;
        assert!(!evil.text.contains("\"><script>x"), "{}", evil.text);
        assert!(evil.text.contains("No matching lines."));
        // The page reports the values it cannot parse, and applies all others.
        let wrong = fixture.owner.page(&format!("{page}?from=yesterday&before=x&stream=7")).await;
        assert_eq!(wrong.status, 200);
        assert_eq!(count(&wrong, "id=\"line-"), 4);
        assert!(wrong.text.contains("Use the format"));
        let at = models::time::Timestamp::from_micros(BEGIN + 1_000_000);
        let later = fixture.owner.page(&format!("{page}?from={at}")).await;
        assert_eq!(count(&later, "id=\"line-"), 0);
        let long = "x".repeat(300);
        let refused = fixture.owner.page(&format!("{page}?search={long}")).await;
        assert!(refused.text.contains("Something went wrong"), "{}", refused.status);
    }
}
