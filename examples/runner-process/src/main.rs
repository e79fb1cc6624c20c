//! The program: reads settings from the environment and runs until told to stop.

use std::{env, error::Error, fs, path::PathBuf};

use models::value::SecretText;
use runner_common::{
    RegistrationOptions, RegistrationPrompt, Timings, process::supervise, read_policy,
    run_registered, run_until_stopped,
};
use runner_process::ProcessRunner;
use tokio_util::sync::CancellationToken;

fn main() -> Result<(), Box<dyn Error>> {
    // The runner starts itself again in this form, to supervise one app.
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
    run_until_stopped(serve).await
}

async fn serve(shutdown: CancellationToken) -> Result<(), Box<dyn Error>> {
    let (programs, folder) = (setting("PROGRAMS")?, PathBuf::from(setting("FOLDER")?));
    let policy = read_policy(setting("POLICY_FILE").ok().map(PathBuf::from).as_deref())?;
    let registration = RegistrationOptions {
        server_url: setting("SERVER_URL")?.parse()?,
        folder: folder.join("state"),
        timings: Timings::default(),
    };
    let runner = ProcessRunner::new(programs.into(), folder, env::current_exe()?)?;
    let token = match (setting("TOKEN"), setting("TOKEN_FILE")) {
        (Err(_), Ok(file)) => Some(fs::read_to_string(file)?),
        (token, _) => token.ok(),
    };
    let show = |shown: &RegistrationPrompt| {
        eprintln!("To register this runner, open {}", shown.verification_uri);
    };
    let token = token.map(|token| SecretText::new(token.trim()));
    Ok(run_registered(runner, token, registration, policy, show, shutdown).await?)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the environment is all the configuration there is"
)]
fn setting(name: &str) -> Result<String, String> {
    let name = format!("BERTH_RUNNER_{name}");
    env::var(&name).map_err(|_| format!("{name} is not set; see README.md"))
}
