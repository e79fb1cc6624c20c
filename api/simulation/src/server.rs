//! A simulated server: the real one, on a shared database and simulated network.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use api::{
    app::{App, Opened},
    bus::Bus,
    clock::Clock,
    config::Config,
    db::Db,
    seal::MasterKey,
    server,
};
use tokio::task::AbortHandle;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use uuid::Uuid;

use crate::{
    bus::Exchange,
    database::{Database, OnCommit, SharedConnection},
    net::{Disconnect, Net},
    world::World,
};

/// State that all servers of a run share.
pub(crate) struct SharedBackend {
    pub(crate) world: Arc<World>,
    pub(crate) net: Arc<Net>,
    pub(crate) connection: SharedConnection,
    pub(crate) on_commit: OnCommit,
    pub(crate) master_key: MasterKey,
    pub(crate) config: Config,
    pub(crate) exchange: Exchange,
}

/// The state of a process: alive, and able to reach its database.
#[derive(Clone, Debug, Default)]
pub(crate) struct ProcessState {
    is_over: Arc<AtomicBool>,
    is_cut_off: Arc<AtomicBool>,
}

impl ProcessState {
    pub(crate) fn is_over(&self) -> bool {
        self.is_over.load(Ordering::SeqCst)
    }

    pub(crate) fn is_cut_off(&self) -> bool {
        self.is_cut_off.load(Ordering::SeqCst)
    }

    fn end(&self) {
        self.is_over.store(true, Ordering::SeqCst);
    }
}

/// One of the servers.
pub(crate) struct Server {
    backend: Arc<SharedBackend>,
    number: usize,
    id: Uuid,
    /// The error of its clock.
    skew_millis: i64,
    running: Option<RunningServer>,
    /// The previous process, which was asked to stop.
    stopping: Option<RunningServer>,
}

struct RunningServer {
    app: App,
    process: ProcessState,
    serving: AbortHandle,
}

impl Server {
    pub(crate) fn new(backend: &Arc<SharedBackend>, number: usize, skew_millis: i64) -> Self {
        Self {
            backend: Arc::clone(backend),
            number,
            id: Uuid::from_bytes(api::random::bytes()),
            skew_millis,
            running: None,
            stopping: None,
        }
    }

    /// The application, if it runs.
    pub(crate) fn app(&self) -> Option<&App> {
        self.running.as_ref().map(|running| &running.app)
    }

    /// Starts it; the previous process ends first.
    pub(crate) fn start(&mut self) -> Result<(), String> {
        if let Some(stopping) = self.stopping.take() {
            // The previous process has had its time to stop.
            self.end(stopping, Disconnect::Process);
        }
        let SharedBackend {
            world,
            net,
            connection,
            on_commit,
            master_key,
            config,
            exchange,
        } = &*self.backend;
        if self.running.is_some() {
            return Ok(());
        }
        let process = ProcessState::default();
        let database = Database {
            connection: Arc::clone(connection),
            world: Arc::clone(world),
            process: process.clone(),
            on_commit: Arc::clone(on_commit),
        };
        let (bus, events) = Bus::external();
        exchange.join(self.number, &bus, events, process.clone());
        let (time, skew) = (Arc::clone(world), self.skew_millis);
        let opened = Opened {
            config: config.clone(),
            clock: Clock::external(move || time.now().plus_millis(skew)),
            db: Db::external(Arc::new(database)),
            master_key: master_key.clone(),
            bus,
            server_id: self.id,
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
        };
        let app = App::with(opened).map_err(|error| error.to_string())?;
        let router = server::links_router(&app);
        let listener = net.listen(self.number);
        let (served, number, log) = (app.clone(), self.number, Arc::clone(world));
        let serving = tokio::spawn(async move {
            if let Err(error) = server::serve(served, listener, router).await {
                // A server with a full disk fails to start; the host starts it again.
                log.note(&format!("server {number} did not start: {error}"));
            }
        });
        self.running = Some(RunningServer {
            app,
            process,
            serving: serving.abort_handle(),
        });
        world.note(&format!("server {number} starts"));
        Ok(())
    }

    /// Cuts it off from its database, or connects it again.
    pub(crate) fn cut_off(&self, is_cut_off: bool) {
        if let Some(running) = &self.running {
            running
                .process
                .is_cut_off
                .store(is_cut_off, Ordering::SeqCst);
        }
    }

    /// True if it ended by itself.
    pub(crate) fn has_ended(&self) -> bool {
        let running = self.running.as_ref();
        running.is_some_and(|running| running.serving.is_finished())
    }

    /// Crashes it between any two awaits, without a clean end.
    pub(crate) fn crash(&mut self, disconnect: Disconnect) {
        if let Some(running) = self.running.take() {
            let number = self.number;
            let world = &self.backend.world;
            world.note(&format!("server {number} is gone: {disconnect:?}"));
            self.end(running, disconnect);
        }
    }

    fn end(&self, running: RunningServer, disconnect: Disconnect) {
        running.process.end();
        self.backend.net.disconnect_server(self.number, disconnect);
        self.backend.exchange.leave(self.number);
        running.serving.abort();
        // Its tasks hang at their next use of the database; this ends those that use none.
        running.app.stop.cancel();
    }

    /// Asks it to stop, as an update does, and lets it finish.
    pub(crate) fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            let number = self.number;
            self.backend
                .world
                .note(&format!("server {number} is asked to stop"));
            self.backend.exchange.leave(number);
            running.app.stop.cancel();
            self.stopping = Some(running);
        }
    }
}
