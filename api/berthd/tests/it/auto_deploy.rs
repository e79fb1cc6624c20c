//! Auto-deploy, on a real server and a runner with a fake platform.

mod end_to_end;
