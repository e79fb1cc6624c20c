//! A simulated runner: the real loop and the real link.
//!
//! Its platform in memory outlives its process.

use std::{
    fmt, fs, io,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use futures::future::BoxFuture;
use models::{RunnerId, runner::HostPolicy, time::Timestamp, value::SecretText};
use runner_common::{
    BlockingTask, Connection, Host, Options, StateFolder, StateKey, Timings,
    conformance::fake::FakePlatform, run_on,
};
use tokio::time::sleep;
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

use crate::{
    invariants::Invariants,
    net::{Disconnect, Net},
    platform::FaultyRunner,
    world::World,
};

/// The time after which a runner that ended by itself is started again.
const RESTART: Duration = Duration::from_secs(2);

/// The interval at which tags are resolved; short, as runs are.
const LOOK: Duration = Duration::from_secs(20);
const LOOK_SOON: Duration = Duration::from_secs(5);

/// One of the runners.
pub(crate) struct RunnerHost {
    world: Arc<World>,
    net: Arc<Net>,
    invariants: Arc<Invariants>,
    pub(crate) number: usize,
    pub(crate) runner_id: RunnerId,
    pub(crate) platform: FakePlatform,
    token: SecretText,
    folder: PathBuf,
    host: Arc<SimulatedHost>,
    /// True while its platform answers nothing.
    pub(crate) silence: Arc<std::sync::atomic::AtomicBool>,
    running: Option<AbortOnDropHandle<()>>,
}

/// The parts of a new host.
pub(crate) struct RunnerSetup {
    pub(crate) number: usize,
    pub(crate) runner_id: RunnerId,
    pub(crate) token: SecretText,
    pub(crate) folder: PathBuf,
}

impl RunnerHost {
    pub(crate) fn new(
        world: &Arc<World>,
        net: &Arc<Net>,
        invariants: &Arc<Invariants>,
        setup: RunnerSetup,
    ) -> Self {
        let host = SimulatedHost {
            world: Arc::clone(world),
            net: Arc::clone(net),
            number: setup.number,
            skew_millis: AtomicI64::new(0),
        };
        Self {
            world: Arc::clone(world),
            net: Arc::clone(net),
            invariants: Arc::clone(invariants),
            number: setup.number,
            runner_id: setup.runner_id,
            platform: FakePlatform::default(),
            token: setup.token,
            folder: setup.folder,
            host: Arc::new(host),
            silence: Arc::default(),
            running: None,
        }
    }

    /// The folder of its stored state.
    pub(crate) fn state(&self) -> StateFolder {
        StateFolder {
            path: self.folder.clone(),
            key: StateKey::from_token(&self.token),
        }
    }

    /// Starts its process, and again whenever it ends by itself.
    pub(crate) fn start(&mut self) -> Result<(), String> {
        if self.running.is_some() {
            return Ok(());
        }
        let options = Options {
            server_url: "http://berth:3000"
                .parse()
                .map_err(|error| format!("{error}"))?,
            token: self.token.clone(),
            timings: Timings {
                tag_poll: LOOK,
                tag_poll_min: LOOK_SOON,
                ..Timings::default()
            },
            state: Some(self.state()),
            policy: HostPolicy {
                max_instances: self.world.profile.most_instances,
                ..HostPolicy::default()
            },
        };
        let (world, invariants) = (Arc::clone(&self.world), Arc::clone(&self.invariants));
        let (platform, silence) = (self.platform.clone(), Arc::clone(&self.silence));
        let (host, number) = (Arc::clone(&self.host), self.number);
        self.world.note(&format!("runner {number} starts"));
        self.running = Some(AbortOnDropHandle::new(tokio::spawn(async move {
            loop {
                let runner = FaultyRunner::new(&world, &invariants, &platform, &silence);
                let host = Arc::clone(&host) as Arc<dyn Host>;
                let ended = run_on(host, runner, options.clone(), CancellationToken::new());
                let ended = ended.await;
                world.note(&format!("runner {number} ended: {ended:?}"));
                sleep(RESTART).await;
            }
        })));
        Ok(())
    }

    /// Crashes its process between any two awaits.
    pub(crate) fn crash(&mut self, disconnect: Disconnect) {
        if self.running.is_some() {
            let number = self.number;
            self.world
                .note(&format!("runner {number} is gone: {disconnect:?}"));
            self.net.disconnect_runner(number, disconnect);
            self.running = None;
        }
    }

    /// Sets its clock.
    pub(crate) fn set_skew(&self, millis: i64) {
        self.host.skew_millis.store(millis, Ordering::SeqCst);
    }

    /// Makes its disk full, or writable again.
    pub(crate) fn fill_disk(&self, full: bool) {
        // The runner writes a new copy of its state to this path, which a folder blocks.
        let obstacle = self.folder.join("state.new");
        if full {
            fs::create_dir_all(obstacle).ok();
        } else {
            fs::remove_dir(obstacle).ok();
        }
    }
}

/// The host of a simulated runner.
struct SimulatedHost {
    world: Arc<World>,
    net: Arc<Net>,
    number: usize,
    skew_millis: AtomicI64,
}

impl fmt::Debug for SimulatedHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "host {}", self.number)
    }
}

impl Host for SimulatedHost {
    fn now(&self) -> Timestamp {
        let skew = self.skew_millis.load(Ordering::SeqCst);
        self.world.now().plus_millis(skew)
    }

    fn connect<'a>(&'a self, _: &'a str, _: u16) -> BoxFuture<'a, io::Result<Box<dyn Connection>>> {
        Box::pin(async move {
            let stream = self.net.connect(self.number).await?;
            Ok(Box::new(stream) as Box<dyn Connection>)
        })
    }

    fn block(&self, work: BlockingTask) -> BoxFuture<'static, io::Result<()>> {
        let slow = Arc::clone(&self.world);
        Box::pin(async move {
            slow.wait(Duration::ZERO, Duration::from_millis(20)).await;
            work()
        })
    }
}
