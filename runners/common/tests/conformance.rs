//! The fake runner passes the suite, so the suite and the loop agree.

use runner_common::conformance::fake::FakePlatform;

runner_common::conformance_tests!(async { Some(FakePlatform::default()) });
