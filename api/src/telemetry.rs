//! Telemetry of the server: its log, and metrics for Prometheus.

use std::{io::IsTerminal, time::Duration};

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::{
    EnvFilter,
    filter::ParseError,
    layer::SubscriberExt,
    util::{SubscriberInitExt, TryInitError},
};

use crate::config;

/// The interval at which old samples are merged, also between two scrapes.
const UPKEEP_INTERVAL: Duration = Duration::from_secs(5);
/// Histogram buckets, from a cached read to the longest request, in seconds.
const SECONDS: &[f64] = &[0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 30.0];

/// Log targets that are silenced.
///
/// They warn of every cookie without a session, as often as someone sends one; the server
/// counts them instead, see [`crate::http::LogThrottles`]. Their errors come from the session
/// store, and the layer that answers logs those once, and once for all requests while the
/// database is unavailable.
const QUIET: &str = "tower_sessions=off,tower_sessions_core=off";

/// The failure to set up the log or the metrics.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// `log.filter` cannot be parsed.
    #[error("`log.filter` is invalid")]
    Filter(#[from] ParseError),
    /// The process has a log already.
    #[error("the log is already set up")]
    Log(#[from] TryInitError),
    /// The process has a recorder already, or its buckets are wrong.
    #[error("cannot set up the Prometheus recorder")]
    Metrics(#[from] BuildError),
}

/// Sends the log of the whole process to standard error. Call it once, first thing.
///
/// # Errors
/// When the filter cannot be read or the process has a log already.
pub fn start_log(config: &config::Log) -> Result<(), TelemetryError> {
    // Later directives replace earlier ones, so settings may still ask for more.
    let filter = EnvFilter::try_new(format!("{QUIET},{}", config.filter))?;
    let registry = tracing_subscriber::registry().with(filter);
    let layer = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    match config.format {
        config::LogFormat::Text => registry
            .with(layer.with_ansi(std::io::stderr().is_terminal()))
            .try_init()?,
        config::LogFormat::Json => registry
            .with(layer.json().flatten_event(true).with_span_list(false))
            .try_init()?,
    }
    Ok(())
}

/// The metrics of this process, for `/metrics`; cheap to clone.
#[derive(Clone)]
pub struct Metrics(PrometheusHandle);

impl Metrics {
    /// Collects the metrics of the whole process. Call it once.
    ///
    /// # Errors
    /// When the process has a recorder already.
    pub fn install() -> Result<Self, TelemetryError> {
        Ok(Self(builder()?.install_recorder()?))
    }

    /// Metrics without a source, for tests that start many servers in one process.
    ///
    /// # Errors
    /// Never with the buckets above.
    pub fn detached() -> Result<Self, TelemetryError> {
        Ok(Self(builder()?.build_recorder().handle()))
    }

    /// Renders the metrics in the text format of Prometheus.
    pub fn render(&self) -> String {
        self.0.render()
    }

    /// Merges old samples until the server stops.
    pub async fn keep_up(self, stop: CancellationToken) {
        let mut ticks = tokio::time::interval(UPKEEP_INTERVAL);
        while stop.run_until_cancelled(ticks.tick()).await.is_some() {
            self.0.run_upkeep();
        }
    }
}

impl std::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

fn builder() -> Result<PrometheusBuilder, BuildError> {
    PrometheusBuilder::new().set_buckets_for_metric(Matcher::Suffix("seconds".to_owned()), SECONDS)
}

#[cfg(test)]
mod tests {
    use metrics::{counter, histogram, with_local_recorder};

    use super::{Metrics, builder};

    #[test]
    fn figures_are_rendered_for_prometheus() {
        let recorder = builder().unwrap().build_recorder();
        let metrics = Metrics(recorder.handle());
        with_local_recorder(&recorder, || {
            counter!("berth_things_total", "kind" => "a").increment(2);
            histogram!("berth_thing_duration_seconds").record(0.02);
        });
        let text = metrics.render();
        assert!(text.contains("berth_things_total{kind=\"a\"} 2"), "{text}");
        assert!(
            text.contains("berth_thing_duration_seconds_bucket{le=\"0.05\"} 1"),
            "{text}"
        );
    }

    #[test]
    fn many_servers_can_have_figures_in_one_process() {
        assert_eq!(Metrics::detached().unwrap().render(), "");
        assert_eq!(Metrics::detached().unwrap().render(), "");
    }
}
