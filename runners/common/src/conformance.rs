//! The conformance suite for all runners, and a fake runner that passes it.
//!
//! The suite plays the server: it listens on loopback, takes the runner's link over a real
//! WebSocket and observes nothing but frames and the responses of the app's port. A runner
//! brings a [`Subject`], which creates the runner and names the image on its platform, and gets
//! one test for each case. The cases of the upper level are true of every reconciler, those of
//! the lower level of every instance platform:
//!
//! ```ignore
//! runner_common::conformance_tests!(async { Some(MySubject::new().await) });
//! ```

#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "this is a test suite, and panics are how it speaks"
)]

mod app;
pub mod cases;
mod clock;
pub mod fake;
pub mod harness;
mod link;
mod registration_server;
mod server;
mod subject;
mod traffic;

use std::time::Duration;

pub use self::{
    app::{App, DATA, ECHO, FALSE, GREETING, KEPT, LOCK, PORT, SHELL, TRUE, YES},
    harness::Harness,
    link::Link,
    registration_server::{PendingRegistration, RegistrationServer},
    server::Server,
    subject::{InstanceSubject, Subject},
    traffic::{Moment, RecordingTraffic, TrafficFaults},
};
use crate::Timings;
pub use crate::state::read_state;

/// Timeout of a case; long, since hosts that run tests are busy.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// The suite's timings: all mere pauses are short.
pub fn quick_timings() -> Timings {
    Timings {
        retry_first: Duration::from_millis(20),
        retry_max: Duration::from_millis(100),
        verify_timeout: Duration::from_secs(5),
        min_uptime: Duration::from_millis(500),
        drain_timeout: Duration::from_millis(500),
        restart_first: Duration::from_millis(50),
        restart_max: Duration::from_millis(200),
        relist: Duration::from_secs(5),
        log_batch: Duration::from_millis(20),
        progress: Duration::from_millis(10),
        sample: Duration::from_millis(250),
        trash_check: Duration::from_millis(50),
        network_check: Duration::from_millis(200),
        tag_poll: Duration::from_millis(200),
        tag_poll_max: Duration::from_millis(800),
        tag_poll_min: Duration::from_millis(20),
        tag_poll_gap: Duration::from_millis(20),
        state_pause: Duration::from_millis(20),
        link_first: Duration::from_millis(20),
        link_max: Duration::from_millis(200),
        link_refused: Duration::from_millis(200),
        heartbeat: Duration::from_millis(200),
        ..Timings::default()
    }
}

/// Calls a macro with the name of every case of the upper level.
#[doc(hidden)]
#[macro_export]
macro_rules! reconciler_cases {
    ([$($callback:tt)*] $($argument:tt)*) => {
        $($callback)*! {
            [$($argument)*]
            deploying_reaches_live_through_every_phase,
            an_app_without_a_port_is_live_when_it_stays_up,
            redeploying_keeps_the_old_instance_until_the_new_one_is_verified,
            a_missing_image_fails_and_leaves_the_running_release_alone,
            an_app_that_ends_fails_with_its_last_lines,
            a_port_that_never_answers_fails,
            a_newer_release_cancels_the_attempt_at_an_older_one,
            stopping_leaves_nothing_running_and_starting_brings_it_back,
            deleting_removes_everything_and_reports_it,
            instances_that_the_server_does_not_list_are_removed,
            instances_of_another_runner_are_left_alone,
            a_server_that_names_another_runner_reaches_nothing_of_it,
            a_server_that_changes_the_runners_id_loses_the_link,
            an_older_generation_and_an_older_epoch_are_refused,
            a_lost_link_repeats_nothing,
            a_link_lost_during_a_rollout_does_not_restart_it,
            a_restarted_runner_finds_what_runs,
            as_many_instances_run_as_are_wanted,
            an_instance_that_was_killed_is_made_up_for,
            config_files_are_there_before_the_app_starts,
            a_commands_output_and_exit_code_arrive,
            a_terminal_echoes_is_resized_and_ends_with_its_shell,
            output_waits_for_credit_and_blocks_nothing_else,
            a_program_is_hung_up_by_a_word_and_by_a_broken_link,
            forbidden_execs_are_refused,
            data_outlives_releases_restarts_and_deployments,
            releases_never_share_a_volume,
            a_volume_is_removed_only_when_it_is_asked_for_and_free,
            a_volume_that_was_lost_is_never_replaced_by_an_empty_one_unasked,
            a_runner_reports_its_capabilities,
            lines_arrive_in_order_and_once_over_a_lost_link,
            a_restarted_runner_gives_lines_the_same_names,
            a_run_succeeds_beside_its_deployment,
            a_run_is_tried_as_often_as_it_allows,
            a_run_that_takes_too_long_is_stopped,
            a_run_takes_no_longer_when_the_clock_is_set_back,
            a_run_of_a_missing_image_fails_without_an_attempt,
            requests_go_to_verified_instances_and_end_where_they_began,
            an_unreachable_release_fails_and_leaves_the_running_one_alone,
            a_switch_that_fails_is_undone,
            requests_under_way_end_at_the_deadline,
            a_restarted_runner_sets_the_traffic_again,
            traffic_follows_an_instance_that_was_killed,
            a_stopping_instance_gets_no_new_requests,
            a_release_that_is_canceled_after_the_switch_keeps_the_traffic,
            a_process_that_ends_before_the_switch_goes_on_with_it,
        }
    };
}

/// Calls a macro with the name of every case of the lower level.
#[doc(hidden)]
#[macro_export]
macro_rules! instance_cases {
    ([$($callback:tt)*] $($argument:tt)*) => {
        $($callback)*! {
            [$($argument)*]
            a_release_that_ends_offline_is_reported_over_the_next_link,
            a_runner_that_starts_offline_starts_the_cached_workloads,
            instances_come_and_go_without_a_release_and_leave_the_others_alone,
            a_start_up_probe_decides_whether_a_release_is_live,
            an_app_that_does_not_answer_its_liveness_probe_is_started_again,
            an_app_that_is_done_stays_done,
            an_app_that_was_killed_is_started_again,
            running_instances_are_measured_and_exited_ones_are_not,
            an_app_that_ends_again_and_again_is_in_a_crash_loop,
            a_canceled_run_leaves_nothing,
            a_restarted_runner_finds_the_result_of_a_run,
            an_attempt_that_is_gone_is_not_repeated,
            a_restarted_runner_knows_that_time_was_over,
            a_run_goes_on_without_its_server,
            an_instance_gets_no_requests_before_it_is_scaled_away,
            a_workload_that_moves_is_replaced_on_its_new_network,
            an_instance_from_before_networks_stays_until_the_next_release,
        }
    };
}

/// Makes a test of every case, of both levels.
///
/// The argument is a future of an optional [`Subject`] on an instance platform; without one the
/// tests say that they are skipped.
#[macro_export]
macro_rules! conformance_tests {
    ($subject:expr) => {
        $crate::reconciler_conformance_tests!($subject);
        $crate::instance_cases!([$crate::reconciler_conformance_tests]($subject));
    };
}

/// Makes a test of every case of the upper level.
///
/// It is for a platform with a reconciler of its own. The argument is as that of [`conformance_tests`].
#[macro_export]
macro_rules! reconciler_conformance_tests {
    ([($subject:expr)] $($case:ident,)*) => {$(
        #[tokio::test]
        async fn $case() {
            match $subject.await {
                Some(subject) => $crate::conformance::cases::$case(&subject).await,
                None => eprintln!("{} is skipped: there is no platform", stringify!($case)),
            }
        }
    )*};
    ($subject:expr) => {
        $crate::reconciler_cases!([$crate::reconciler_conformance_tests] ($subject));
    };
}

macro_rules! run_all {
    ([$subject:ident] $($case:ident,)*) => {$(
        eprintln!("conformance: {}", stringify!($case));
        cases::$case($subject).await;
    )*};
}

/// Runs every case, of both levels, one after the other.
pub async fn run<S: InstanceSubject>(subject: &S) {
    reconciler_cases!([run_all] subject);
    instance_cases!([run_all] subject);
}
