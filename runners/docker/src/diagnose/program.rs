//! Checks for programs that cannot run: they are missing, or their loader is.

use models::deployment::{FailureCode, ImagePlatform};
use object::{
    Endianness,
    elf::{
        EM_386, EM_AARCH64, EM_ARM, EM_LOONGARCH, EM_PPC64, EM_RISCV, EM_S390, EM_X86_64,
        FileHeader32, FileHeader64,
    },
    read::{
        FileKind,
        elf::{FileHeader, ProgramHeader},
    },
};
use runner_common::RunnerError;

use crate::{
    container_fs::{ContainerFs, Kind},
    platform::HostPlatforms,
};

/// The engine's default search path, for a container without one.
const USUAL_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Size of the first part of a program. Linkers put the name of its loader there.
const HEAD: usize = 4096;

/// The program of a container.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    /// The first word of the command.
    pub(crate) name: String,
    /// The folder that it starts in.
    pub(crate) folder: String,
    /// The container's environment, `NAME=value`.
    pub(crate) environment: Vec<String>,
    /// Advice for people when it cannot be run.
    pub(crate) advice: &'static str,
}

/// Requirements of a program, read from its first bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Needs {
    /// Program that the kernel runs instead: an interpreter or a loader.
    loader: Option<String>,
    is_script: bool,
    /// Processor architecture, as images name it.
    architecture: Option<&'static str>,
}

impl Program {
    /// Finds the reason why it cannot be run, if there is one.
    ///
    /// # Errors
    /// When the engine refuses or does not answer.
    pub(crate) async fn inspect(
        &self,
        container_fs: ContainerFs<'_>,
        host: &HostPlatforms,
    ) -> Result<Option<RunnerError>, RunnerError> {
        let mut there = None;
        for path in self.places() {
            // A path below a file does not exist, which the engine reports as an error.
            match container_fs.kind(&path).await.unwrap_or(None) {
                Some(Kind::File {
                    is_executable: true,
                }) => {
                    return self.needs(container_fs, host, &path).await;
                }
                Some(kind) => there = there.or(Some((path, kind))),
                None => {}
            }
        }
        let name = &self.name;
        Ok(Some(self.not_runnable(&match there {
            Some((path, Kind::Folder)) => format!("{path} is a directory in the image"),
            Some((path, _)) => format!("{path} is not executable in the image (chmod +x)"),
            None if name.contains('/') => format!("the image has no program {name}"),
            None => format!("the image has no program {name} in its PATH"),
        })))
    }

    /// Returns every path where it may be.
    fn places(&self) -> Vec<String> {
        let name = &self.name;
        if name.starts_with('/') {
            return vec![name.clone()];
        }
        let folder = self.folder.trim_end_matches('/');
        if name.contains('/') {
            return vec![format!("{folder}/{name}")];
        }
        let mut variables = self.environment.iter().rev();
        let path = variables.find_map(|variable| variable.strip_prefix("PATH="));
        let folders = path.unwrap_or(USUAL_PATH).split(':');
        let absolute = folders.filter(|folder| folder.starts_with('/'));
        absolute
            .map(|folder| format!("{}/{name}", folder.trim_end_matches('/')))
            .collect()
    }

    async fn needs(
        &self,
        container_fs: ContainerFs<'_>,
        host: &HostPlatforms,
        path: &str,
    ) -> Result<Option<RunnerError>, RunnerError> {
        let head = container_fs.read(path, HEAD).await?.unwrap_or_default();
        let needs = needs(&head);
        if let Some(architecture) = needs.architecture {
            let built_for = ImagePlatform {
                os: host.own.os.clone(),
                architecture: architecture.to_owned(),
                variant: None,
            };
            if !host.runs(&built_for) {
                return Ok(Some(foreign(path, &built_for, host)));
            }
        }
        let Some(loader) = needs.loader else {
            return Ok(None);
        };
        let is_there = container_fs.kind(&loader).await.unwrap_or(None).is_some();
        Ok((!is_there).then(|| self.not_runnable(&missing_loader(path, &loader, needs.is_script))))
    }

    fn not_runnable(&self, why: &str) -> RunnerError {
        let advice = self.advice;
        let message = format!("The command cannot be run: {why}. {advice}");
        RunnerError::user(FailureCode::CommandNotRunnable, message)
    }
}

fn missing_loader(path: &str, loader: &str, is_script: bool) -> String {
    if let Some(loader) = loader.strip_suffix('\r') {
        format!(
            "{path} is a script for {loader} with Windows line endings. Save it with LF line \
             endings"
        )
    } else if is_script {
        format!("{path} is a script for {loader}, which the image does not have")
    } else {
        format!(
            "{path} needs the loader {loader}, which the image does not have. It was linked \
             against another C library, for example glibc instead of musl"
        )
    }
}

fn foreign(path: &str, built_for: &ImagePlatform, host: &HostPlatforms) -> RunnerError {
    RunnerError::user(
        FailureCode::ImagePlatformMismatch,
        format!(
            "The program {path} in the image was built for {built_for}, but the runner's host is \
             {own}, regardless of the platform that the image declares. Build it for {own}.",
            own = host.own
        ),
    )
}

fn needs(head: &[u8]) -> Needs {
    if let Some(line) = head.strip_prefix(b"#!") {
        return Needs {
            loader: interpreter(line),
            is_script: true,
            architecture: None,
        };
    }
    match FileKind::parse(head) {
        Ok(FileKind::Elf64) => elf::<FileHeader64<Endianness>>(head),
        Ok(FileKind::Elf32) => elf::<FileHeader32<Endianness>>(head),
        _ => None,
    }
    .unwrap_or_default()
}

/// Returns the interpreter of a script (`execve(2)`): its first word.
///
/// Only blanks and tabs separate words.
fn interpreter(line: &[u8]) -> Option<String> {
    let line = line.split(|byte| *byte == b'\n').next()?;
    let mut words = line.split(|byte| matches!(byte, b' ' | b'\t'));
    let word = words.find(|word| !word.is_empty())?;
    String::from_utf8(word.to_vec()).ok()
}

fn elf<Header: FileHeader<Endian = Endianness>>(head: &[u8]) -> Option<Needs> {
    let header = Header::parse(head).ok()?;
    let endian = header.endian().ok()?;
    let segments = header.program_headers(endian, head).ok();
    let loader = segments.into_iter().flatten().find_map(|segment| {
        let name = segment.interpreter(endian, head).ok()??;
        String::from_utf8(name.to_vec()).ok()
    });
    let is_little = header.is_little_endian();
    Some(Needs {
        loader,
        is_script: false,
        architecture: match header.e_machine(endian) {
            EM_X86_64 => Some("amd64"),
            EM_386 => Some("386"),
            EM_AARCH64 => Some("arm64"),
            EM_ARM => Some("arm"),
            EM_RISCV if header.is_class_64() => Some("riscv64"),
            EM_PPC64 if is_little => Some("ppc64le"),
            EM_S390 => Some("s390x"),
            EM_LOONGARCH => Some("loong64"),
            _ => None,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::{Needs, Program, missing_loader, needs};

    fn script(text: &str) -> Option<String> {
        let needs = needs(text.as_bytes());
        assert!(needs.is_script, "{text:?}");
        needs.loader
    }

    #[test]
    fn a_script_needs_its_interpreter() {
        assert_eq!(script("#!/bin/sh\necho").as_deref(), Some("/bin/sh"));
        assert_eq!(
            script("#! /usr/bin/env  bash\n").as_deref(),
            Some("/usr/bin/env")
        );
        assert_eq!(
            script("#!/bin/sh\r\necho\r\n").as_deref(),
            Some("/bin/sh\r")
        );
        assert_eq!(script("#!\n"), None);
        let told = missing_loader("/run.sh", "/bin/sh\r", true);
        assert!(told.contains("Windows line endings"), "{told}");
    }

    #[test]
    fn a_program_says_its_processor_and_its_loader() {
        let own = std::fs::read("/proc/self/exe").unwrap();
        let found = needs(&own[..4096]);
        let architecture = match std::env::consts::ARCH {
            "x86_64" => "amd64",
            "aarch64" => "arm64",
            other => other,
        };
        assert_eq!(found.architecture, Some(architecture));
        let loader = found.loader.unwrap();
        assert!(
            loader.starts_with("/lib") && !loader.contains('\0'),
            "{loader}"
        );

        let mut other = own[..4096].to_vec();
        // The number of the architecture, in little endian (`elf(5)`).
        other[18..20].copy_from_slice(&243_u16.to_le_bytes());
        assert_eq!(needs(&other).architecture, Some("riscv64"));
        assert_eq!(needs(b"\x7fELF"), Needs::default());
        assert_eq!(needs(b"hello"), Needs::default());
        assert_eq!(needs(b""), Needs::default());
    }

    #[test]
    fn a_program_is_looked_for_where_the_kernel_or_the_path_leads() {
        let places = |name: &str, environment: &[&str]| {
            let program = Program {
                name: name.to_owned(),
                folder: "/srv".to_owned(),
                environment: environment.iter().map(|&one| one.to_owned()).collect(),
                advice: "",
            };
            program.places()
        };
        assert_eq!(places("/app", &[]), ["/app"]);
        assert_eq!(places("./app", &[]), ["/srv/./app"]);
        assert_eq!(
            places("app", &["A=1", "PATH=/a:/b/:c"]),
            ["/a/app", "/b/app"]
        );
        assert_eq!(places("app", &[]).len(), 6);
    }
}
