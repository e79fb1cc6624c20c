use std::sync::atomic::{AtomicI64, Ordering};

use futures::future::join_all;
use models::time::Timestamp;

use super::TtlCache;

/// Computes values, a different number each time.
#[derive(Default)]
struct Work(AtomicI64);

impl Work {
    async fn value(
        &self,
        cache: &TtlCache<&'static str, i64>,
        key: &'static str,
        millis: i64,
    ) -> i64 {
        let now = Timestamp::from_micros(millis * 1_000);
        let compute = async {
            tokio::task::yield_now().await;
            Ok::<_, ()>(self.0.fetch_add(1, Ordering::SeqCst))
        };
        cache.get_or_compute(key, now, compute).await.unwrap()
    }
}

#[tokio::test]
async fn an_answer_is_worked_out_once_until_it_is_old() {
    let (cache, work) = (TtlCache::new(100), Work::default());
    assert_eq!(work.value(&cache, "a", 1_000).await, 0);
    assert_eq!(
        work.value(&cache, "b", 1_050).await,
        1,
        "each key has its own"
    );
    assert_eq!(work.value(&cache, "a", 1_099).await, 0);
    assert_eq!(work.value(&cache, "a", 1_100).await, 2);
    assert_eq!(
        work.value(&cache, "a", 900).await,
        3,
        "a clock was set back"
    );
    assert_eq!(
        cache.entries.lock().unwrap().len(),
        1,
        "what is old stays in memory"
    );
}

#[tokio::test]
async fn concurrent_callers_wait_for_the_same_answer() {
    let (cache, work) = (TtlCache::new(100), Work::default());
    let all = join_all((0..50).map(|_| work.value(&cache, "a", 0))).await;
    assert_eq!(all, [0; 50]);
}

#[tokio::test]
async fn a_failure_is_not_kept() {
    let cache: TtlCache<(), i64> = TtlCache::new(100);
    let now = Timestamp::from_micros(0);
    assert_eq!(
        cache.get_or_compute((), now, async { Err("no") }).await,
        Err("no")
    );
    assert_eq!(
        cache
            .get_or_compute((), now, async { Ok::<_, ()>(1) })
            .await,
        Ok(1)
    );
}
