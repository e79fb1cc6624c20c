//! Creation, start and stop of instances of the platform in memory.

use models::deployment::{FailureCode, PublishedPort};
use tokio::{net::TcpListener, time::sleep};

use super::{FakeRunner, mark, platform::FakeInstance, process};
use crate::{
    platform::{InstanceKey, InstanceSpec, PlatformState, RunnerError},
    task,
};

impl FakeRunner {
    pub(super) async fn create_instance(&self, instance: &InstanceSpec) -> Result<(), RunnerError> {
        if !instance.spec.volumes.is_empty() {
            let slow = self.query(|state| Ok(state.faults.slow_create))?;
            sleep(slow).await;
        }
        self.notify(|state| {
            if let Some(fault) = state.faults.creates.pop_front() {
                return Err(fault);
            }
            state.make_volumes(self.owner(), instance)?;
            state.created += 1;
            let created = FakeInstance {
                spec: instance.clone(),
                mark: mark::of(self.owner(), &mark::parts(&instance.key)),
                state: PlatformState::Created,
                ports: Vec::new(),
                started_at: None,
                lines: Vec::new(),
                measured: 0,
                cpu_nanos: 0,
                process: None,
                programs: Vec::new(),
            };
            state.instances.insert(instance.key.instance_id, created);
            Ok(())
        })
    }

    pub(super) async fn start_instance(&self, key: &InstanceKey) -> Result<(), RunnerError> {
        let (slow, fault, spec) = self.query(|state| {
            let fault = state.faults.starts.pop_front();
            let spec = state.get_mut(key)?.spec.spec.clone();
            Ok((state.faults.slow_start, fault, spec))
        })?;
        sleep(slow).await;
        if let Some(fault) = fault {
            return Err(fault);
        }
        // The app has at most one port; see `process`.
        let listener = match spec.ports.first() {
            Some(_) => Some(TcpListener::bind("127.0.0.1:0").await.map_err(|error| {
                RunnerError::platform(FailureCode::PortTaken, "No port is free.").with_source(error)
            })?),
            None => None,
        };
        let address = listener.as_ref().and_then(|l| l.local_addr().ok());
        let published = spec.ports.first().zip(address);
        let published = published.map(|(port, address)| PublishedPort {
            port: *port,
            address: address.into(),
        });
        let platform = self.platform.clone();
        let key = *key;
        self.notify(|state| {
            let crash_after = state.faults.crash_after;
            let out_of_memory = state.faults.out_of_memory;
            let ends_at_once = state.faults.ends_at_first > 0;
            state.faults.ends_at_first -= u32::from(ends_at_once);
            let started_at = state.later();
            let instance = state.get_mut(&key)?;
            if instance.state.is_up() {
                return Ok(());
            }
            instance.started_at = Some(started_at);
            instance.measured = 0;
            instance.cpu_nanos = 0;
            if ends_at_once {
                // Nobody may reach it: neither its task nor a connection that waits at its
                // port.
                instance.state = if out_of_memory {
                    PlatformState::Exited {
                        code: 137,
                        oom_killed: true,
                    }
                } else {
                    PlatformState::exited(1)
                };
                return state.faults.answer_start();
            }
            instance.state = PlatformState::Running;
            instance.ports = published.into_iter().collect();
            let running = process::run(platform, key.instance_id, spec, listener, crash_after);
            instance.process = Some(task::spawn_owned(running));
            state.faults.answer_start()
        })
    }

    pub(super) fn stop_instance(&self, key: &InstanceKey) -> Result<(), RunnerError> {
        self.notify(|state| {
            let code = state.faults.stop_code.unwrap_or(143);
            if let Ok(instance) = state.get_mut(key)
                && instance.state.is_up()
            {
                instance.process = None;
                instance.programs.clear();
                instance.ports.clear();
                instance.state = PlatformState::exited(code);
            }
            Ok(())
        })
    }
}
