//! The program: reads its settings from the environment and runs until it is asked to stop.

use std::{env, error::Error, fs, path::PathBuf};

use models::value::SecretText;
use runner_common::{
    Options, StateFolder, StateKey, Timings, process::supervise, read_policy, run_until_stopped,
};
use runner_process::ProcessRunner;

fn main() -> Result<(), Box<dyn Error>> {
    // How the runner starts itself again to stay with an app.
    if let [_, verb, folder] = env::args_os().collect::<Vec<_>>().as_slice()
        && verb == "supervise"
    {
        return Ok(supervise(folder.into())?);
    }
    run()
}

#[tokio::main(flavor = "current_thread")]
async fn run() -> Result<(), Box<dyn Error>> {
    let log = tracing_subscriber::fmt().with_writer(std::io::stderr);
    log.init();
    let token = match setting("TOKEN") {
        Ok(token) => token,
        Err(_) => fs::read_to_string(setting("TOKEN_FILE")?)?,
    };
    let token = SecretText::new(token.trim());
    let folder = PathBuf::from(setting("FOLDER")?);
    let options = Options {
        server_url: setting("SERVER_URL")?.parse()?,
        timings: Timings::default(),
        state: Some(StateFolder {
            path: folder.join("state"),
            key: StateKey::from_token(&token),
        }),
        token,
        policy: read_policy(setting("POLICY_FILE").ok().map(PathBuf::from).as_deref())?,
    };
    let programs = setting("PROGRAMS")?.into();
    let runner = ProcessRunner::new(programs, folder, env::current_exe()?)?;
    Ok(run_until_stopped(|stop| runner_common::run(runner, options, stop)).await?)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the environment is all the configuration there is"
)]
fn setting(name: &str) -> Result<String, String> {
    let name = format!("BERTH_RUNNER_{name}");
    env::var(&name).map_err(|_| format!("{name} is not set; see README.md"))
}
