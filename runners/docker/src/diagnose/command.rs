//! The command of an instance: its own or its image's.

use models::{
    deployment::{FailureCode, ImageDescription},
    runner::RunnerSpec,
};
use runner_common::RunnerError;

/// Checks that an instance has a command, of its own or of its image.
///
/// # Errors
/// `command_missing` when it has none.
pub(crate) fn check(spec: &RunnerSpec, image: &ImageDescription) -> Result<(), RunnerError> {
    let own = || spec.entrypoint.iter().chain(&spec.arguments);
    let first = match own().next() {
        // Arguments follow the image's entry point.
        Some(_) if spec.entrypoint.is_empty() && !image.entrypoint.is_empty() => {
            image.entrypoint.first().map(String::as_str)
        }
        Some(first) => Some(first.as_str()),
        None => {
            let mut all = image.entrypoint.iter().chain(&image.command);
            all.next().map(String::as_str)
        }
    };
    match first {
        Some(program) if !program.is_empty() => Ok(()),
        _ => Err(RunnerError::user(
            FailureCode::CommandMissing,
            format!(
                "The image {} does not define a program to run. Set an entry point, for example \
                 /usr/bin/app.",
                spec.image
            ),
        )),
    }
}

#[cfg(test)]
mod tests {
    use models::{
        deployment::{FailureCode, Fault, ImageDescription},
        runner::RunnerSpec,
    };
    use runner_common::Retry;
    use serde_json::{Value, json};

    use super::check;

    fn code(spec: Value, entrypoint: &[&str], command: &[&str]) -> Option<FailureCode> {
        let texts = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
        let image = ImageDescription {
            entrypoint: texts(entrypoint),
            command: texts(command),
            ..ImageDescription::default()
        };
        let spec: RunnerSpec = serde_json::from_value(spec).unwrap();
        let error = check(&spec, &image).err()?;
        assert_eq!((error.fault, error.retry), (Fault::User, Retry::Never));
        Some(error.code)
    }

    #[test]
    fn something_must_say_which_program_is_run() {
        let plain = || json!({"image": "app"});
        assert_eq!(code(plain(), &[], &[]), Some(FailureCode::CommandMissing));
        assert_eq!(code(plain(), &["/a"], &[]), None);
        assert_eq!(code(plain(), &[], &["/a"]), None);
        let own = json!({"image": "app", "entrypoint": ["/a"]});
        assert_eq!(code(own, &[], &[]), None);
        let arguments = || json!({"image": "app", "arguments": ["/a"]});
        assert_eq!(code(arguments(), &[], &[]), None);
        assert_eq!(code(arguments(), &["/entry"], &[]), None);
        let empty = json!({"image": "app", "entrypoint": [""]});
        assert_eq!(code(empty, &["/a"], &[]), Some(FailureCode::CommandMissing));
    }
}
