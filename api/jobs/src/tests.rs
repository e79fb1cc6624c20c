use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use base::{clock::Clock, ids::Ids};
use db::{Abandon, Commit, Db, StoreError, db_test, execute, fetch_all, fetch_one};
use models::time::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::{sync::Notify, task::JoinHandle, time::timeout};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{Handler, JobError, JobKind, Jobs, Outcome, WorkerOptions, store};

/// Far longer than any step of these tests takes.
const PATIENCE: Duration = Duration::from_secs(20);
const LEASE: Duration = Duration::from_secs(30);

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Chore {
    /// Succeeds.
    Sweep(u32),
    /// Fails each time.
    Fail,
    /// Fails without a retry.
    Refuse,
    Panic,
    /// Runs again after a minute.
    Repeat,
    /// Waits for a notification before it succeeds.
    Wait,
}

impl JobKind for Chore {
    fn name(&self) -> &'static str {
        "chore"
    }

    fn unique_key(&self) -> Option<String> {
        matches!(self, Self::Repeat | Self::Wait).then(|| format!("{self:?}"))
    }

    fn max_attempts(&self) -> i64 {
        3
    }
}

/// Counts runs, and panics if one chore runs twice at the same time.
#[derive(Clone)]
struct House {
    clock: Clock,
    runs: Arc<Mutex<HashMap<Chore, u32>>>,
    under_way: Arc<Mutex<Vec<Chore>>>,
    /// Notified after every run.
    ran: Arc<Notify>,
    go_on: Arc<Notify>,
}

impl Handler<Chore> for House {
    async fn run(&self, chore: Chore) -> Result<Outcome, JobError> {
        assert!(
            !self.under_way.lock().unwrap().contains(&chore),
            "{chore:?} twice at once"
        );
        self.under_way.lock().unwrap().push(chore.clone());
        let _out = Out(self.clone(), chore.clone());
        *self.runs.lock().unwrap().entry(chore.clone()).or_default() += 1;
        self.ran.notify_one();
        // Gives another worker the chance to interfere, if there is one.
        tokio::task::yield_now().await;
        match chore {
            Chore::Sweep(_) => Ok(Outcome::Done),
            Chore::Fail => Err(std::io::Error::other("the broom broke").into()),
            Chore::Refuse => Err(JobError::Never("no".into())),
            Chore::Panic => panic!("the house burns"),
            Chore::Repeat => Ok(Outcome::RunAgainAt(self.clock.now().plus_millis(60_000))),
            Chore::Wait => {
                self.go_on.notified().await;
                Ok(Outcome::Done)
            }
        }
    }
}

/// Records the end of a run, also when it is dropped in the middle.
struct Out(House, Chore);

impl Drop for Out {
    fn drop(&mut self) {
        self.0
            .under_way
            .lock()
            .unwrap()
            .retain(|chore| *chore != self.1);
        self.0.ran.notify_one();
    }
}

struct Setting {
    db: Db,
    clock: Clock,
    jobs: Jobs<Chore>,
    house: House,
    stop: CancellationToken,
}

impl Setting {
    fn new(db: Db) -> Self {
        let clock = Clock::manual(Timestamp::from_micros(1_700_000_000_000_000));
        Self::with_clock(db, clock)
    }

    fn with_clock(db: Db, clock: Clock) -> Self {
        let house = House {
            clock: clock.clone(),
            runs: Arc::default(),
            under_way: Arc::default(),
            ran: Arc::default(),
            go_on: Arc::default(),
        };
        Self {
            db,
            jobs: Jobs::new(clock.clone(), Ids::new(clock.clone())),
            clock,
            house,
            stop: CancellationToken::new(),
        }
    }

    async fn add(&self, chores: &[Chore]) {
        let adding = self.db.write(async |tx| {
            for chore in chores {
                self.jobs.enqueue(tx, chore).await?;
            }
            Ok::<_, StoreError>(Commit(()))
        });
        adding.await.unwrap();
    }

    /// A worker of this server.
    fn worker(&self) -> JoinHandle<()> {
        self.worker_of(self.jobs.clone(), WorkerOptions::new(4))
    }

    /// A worker of another server: only its own polling finds jobs.
    fn worker_elsewhere(&self) -> JoinHandle<()> {
        let jobs = Jobs::new(self.clock.clone(), Ids::new(self.clock.clone()));
        let options = WorkerOptions {
            poll: Duration::from_millis(5),
            ..WorkerOptions::new(4)
        };
        self.worker_of(jobs, options)
    }

    fn worker_of(&self, jobs: Jobs<Chore>, options: WorkerOptions) -> JoinHandle<()> {
        let stop = self.stop.clone();
        tokio::spawn(jobs.work(self.db.clone(), self.house.clone(), options, stop))
    }

    fn runs(&self, chore: &Chore) -> u32 {
        self.house
            .runs
            .lock()
            .unwrap()
            .get(chore)
            .copied()
            .unwrap_or_default()
    }

    /// Waits until a condition holds that a run, or recording its outcome, makes true.
    async fn until(&self, condition: impl AsyncFn() -> bool) {
        let holds = async {
            while !condition().await {
                let _ = timeout(Duration::from_millis(5), self.house.ran.notified()).await;
            }
        };
        timeout(PATIENCE, holds)
            .await
            .expect("the condition comes to hold");
    }

    async fn until_count(&self, wanted: (i64, i64)) {
        self.until(async || self.jobs.count(&self.db).await.unwrap() == wanted)
            .await;
    }

    async fn stop(&self, worker: JoinHandle<()>) {
        self.stop.cancel();
        timeout(PATIENCE, worker)
            .await
            .expect("the worker stops")
            .unwrap();
    }
}

db_test! {
    async fn a_job_runs_once_it_is_committed_and_is_gone(db: Db) {
        let setting = Setting::new(db);
        let worker = setting.worker();
        let adding = setting.db.write(async |tx| {
            setting.jobs.enqueue(tx, &Chore::Sweep(1)).await.map(Abandon)
        });
        adding.await.unwrap();
        setting.add(&[Chore::Sweep(2)]).await;
        setting.until_count((0, 0)).await;
        assert_eq!(setting.runs(&Chore::Sweep(1)), 0);
        assert_eq!(setting.runs(&Chore::Sweep(2)), 1);
        setting.stop(worker).await;
    }

    async fn two_workers_never_run_one_job_at_once(db: Db) {
        let setting = Setting::new(db);
        let chores: Vec<_> = (0..60).map(Chore::Sweep).collect();
        let (one, two) = (setting.worker_elsewhere(), setting.worker_elsewhere());
        setting.add(&chores).await;
        setting.until_count((0, 0)).await;
        for chore in &chores {
            assert_eq!(setting.runs(chore), 1, "{chore:?}");
        }
        setting.stop(one).await;
        setting.stop(two).await;
    }

    async fn a_job_of_a_killed_worker_runs_again_after_its_lease(db: Db) {
        let setting = Setting::new(db);
        setting.add(&[Chore::Sweep(1)]).await;
        // A killed worker leaves only its claim behind.
        let now = setting.clock.now();
        let until = now.plus_millis(30_000);
        let claimed = store::claim(&setting.db, Uuid::now_v7(), now, until).await.unwrap();
        assert!(claimed.is_some());
        let worker = setting.worker_elsewhere();
        setting.clock.advance(LEASE.saturating_sub(Duration::from_millis(1)));
        setting.add(&[Chore::Sweep(2)]).await;
        setting.until_count((1, 0)).await;
        assert_eq!(setting.runs(&Chore::Sweep(1)), 0);
        setting.clock.advance(Duration::from_millis(1));
        setting.until_count((0, 0)).await;
        assert_eq!(setting.runs(&Chore::Sweep(1)), 1);
        setting.stop(worker).await;
    }

    async fn a_job_that_kills_its_worker_each_time_is_given_up(db: Db) {
        let setting = Setting::new(db);
        setting.add(&[Chore::Sweep(1)]).await;
        for _ in 0..3 {
            let now = setting.clock.now();
            let claimed = store::claim(&setting.db, Uuid::now_v7(), now, now).await.unwrap();
            assert!(claimed.is_some());
        }
        let worker = setting.worker();
        setting.until_count((0, 1)).await;
        assert_eq!(setting.runs(&Chore::Sweep(1)), 0);
        setting.stop(worker).await;
    }

    async fn a_job_that_fails_is_tried_again_later_and_given_up_in_the_end(db: Db) {
        let setting = Setting::new(db);
        let worker = setting.worker_elsewhere();
        setting.add(&[Chore::Fail, Chore::Panic]).await;
        for tries in 1..=3 {
            setting.until(async || setting.runs(&Chore::Fail) == tries).await;
            setting.until(async || setting.runs(&Chore::Panic) == tries).await;
            setting.until_count(if tries < 3 { (2, 0) } else { (0, 2) }).await;
            setting.until(async || leases(&setting.db).await == 0).await;
            // Longer than any pause between these attempts.
            setting.clock.advance(Duration::from_secs(10));
        }
        let sql = "SELECT last_error FROM job ORDER BY last_error";
        let errors = fetch_all!(setting.db, (String,), sql).unwrap();
        assert_eq!(errors, [("the broom broke".into(),), ("the handler panicked".into(),)]);
        setting.stop(worker).await;
    }

    async fn a_job_that_cannot_succeed_is_given_up_at_once(db: Db) {
        let setting = Setting::new(db);
        let worker = setting.worker();
        setting.add(&[Chore::Refuse]).await;
        setting.until_count((0, 1)).await;
        assert_eq!(setting.runs(&Chore::Refuse), 1);
        setting.stop(worker).await;
    }

    async fn a_job_waits_for_its_time(db: Db) {
        let setting = Setting::new(db);
        let worker = setting.worker_elsewhere();
        let at = setting.clock.now().plus_millis(60_000);
        let adding = setting.db.write(async |tx| {
            setting.jobs.enqueue_at(tx, &Chore::Sweep(1), at).await.map(Commit)
        });
        adding.await.unwrap();
        setting.add(&[Chore::Sweep(2)]).await;
        setting.until_count((1, 0)).await;
        assert_eq!(setting.runs(&Chore::Sweep(1)), 0);
        setting.clock.advance(Duration::from_mins(1));
        setting.until_count((0, 0)).await;
        setting.stop(worker).await;
    }

    async fn a_job_can_come_again_and_again_and_is_there_only_once(db: Db) {
        let setting = Setting::new(db);
        let worker = setting.worker_elsewhere();
        for _ in 0..2 {
            let now = setting.clock.now();
            let adding = setting.db.write(async |tx| {
                setting.jobs.enqueue_unless_there(tx, &Chore::Repeat, now).await.map(Commit)
            });
            adding.await.unwrap();
            setting.until(async || setting.runs(&Chore::Repeat) == 1).await;
        }
        setting.until(async || leases(&setting.db).await == 0).await;
        setting.clock.advance(Duration::from_mins(1));
        setting.until(async || setting.runs(&Chore::Repeat) == 2).await;
        setting.stop(worker).await;
        assert_eq!(setting.jobs.count(&setting.db).await.unwrap(), (1, 0));
    }

    async fn a_job_that_is_asked_for_while_it_runs_runs_once_more_afterwards(db: Db) {
        let setting = Setting::new(db);
        let worker = setting.worker();
        setting.add(&[Chore::Wait]).await;
        setting.until(async || setting.runs(&Chore::Wait) == 1).await;
        setting.add(&[Chore::Wait]).await;
        setting.add(&[Chore::Wait]).await;
        setting.house.go_on.notify_one();
        setting.until(async || setting.runs(&Chore::Wait) == 2).await;
        setting.house.go_on.notify_one();
        setting.until_count((0, 0)).await;
        assert_eq!(setting.runs(&Chore::Wait), 2);
        setting.stop(worker).await;
    }

    async fn a_job_that_was_given_up_comes_back_when_it_is_asked_for(db: Db) {
        let setting = Setting::new(db);
        setting.add(&[Chore::Wait]).await;
        let sql = "UPDATE job SET dead_at = 1";
        setting.db.write(async |tx| execute!(tx, sql).map(Commit)).await.unwrap();
        setting.add(&[Chore::Wait]).await;
        let worker = setting.worker();
        setting.house.go_on.notify_one();
        setting.until_count((0, 0)).await;
        setting.stop(worker).await;
    }

    async fn a_worker_finishes_what_is_under_way_and_begins_nothing_new(db: Db) {
        let setting = Setting::new(db);
        // With one slot it cannot be about to claim another job when it is told to stop.
        let worker = setting.worker_of(setting.jobs.clone(), WorkerOptions::new(1));
        setting.add(&[Chore::Wait]).await;
        setting.until(async || setting.runs(&Chore::Wait) == 1).await;
        setting.stop.cancel();
        setting.add(&[Chore::Sweep(1)]).await;
        setting.house.go_on.notify_one();
        timeout(PATIENCE, worker).await.expect("the worker stops").unwrap();
        assert_eq!(setting.runs(&Chore::Sweep(1)), 0);
        assert_eq!(setting.jobs.count(&setting.db).await.unwrap(), (1, 0));
    }

    async fn a_long_job_keeps_its_lease(db: Db) {
        let setting = Setting::with_clock(db, Clock::system());
        let options = WorkerOptions {
            lease: Duration::from_millis(300),
            ..WorkerOptions::new(1)
        };
        let worker = setting.worker_of(setting.jobs.clone(), options);
        setting.add(&[Chore::Wait]).await;
        setting.until(async || setting.runs(&Chore::Wait) == 1).await;
        let first = lease_until(&setting.db).await;
        // Renewed often enough that the first lease has long expired.
        let over = first + 300_000;
        setting.until(async || lease_until(&setting.db).await > over).await;
        assert_eq!(setting.runs(&Chore::Wait), 1);
        setting.house.go_on.notify_one();
        setting.until_count((0, 0)).await;
        setting.stop(worker).await;
    }

    async fn a_job_is_dropped_when_its_lease_is_lost(db: Db) {
        let setting = Setting::new(db);
        let options = WorkerOptions {
            lease: Duration::from_millis(60),
            ..WorkerOptions::new(1)
        };
        let worker = setting.worker_of(setting.jobs.clone(), options);
        setting.add(&[Chore::Wait]).await;
        setting.until(async || setting.runs(&Chore::Wait) == 1).await;
        let sql = "UPDATE job SET lease_id = $1, lease_until = $2";
        let far = setting.clock.now().plus_millis(3_600_000).micros();
        let taking = setting.db.write(async |tx| {
            execute!(tx, sql, Uuid::now_v7(), far).map(Commit)
        });
        taking.await.unwrap();
        setting.until(async || setting.house.under_way.lock().unwrap().is_empty()).await;
        setting.stop(worker).await;
        assert_eq!(setting.jobs.count(&setting.db).await.unwrap(), (1, 0));
    }
}

/// Counts the leased jobs.
async fn leases(db: &Db) -> i64 {
    fetch_one!(db, (i64,), "SELECT COUNT(lease_id) FROM job")
        .unwrap()
        .0
}

/// The end of the only job's lease.
async fn lease_until(db: &Db) -> i64 {
    fetch_one!(db, (i64,), "SELECT lease_until FROM job")
        .unwrap()
        .0
}
