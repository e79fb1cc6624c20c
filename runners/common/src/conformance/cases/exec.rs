//! Execs: programs that people run inside instances.

use models::{
    DeploymentId, ExecId, InstanceId,
    deployment::{Failure, FailureCode},
    exec::{TerminalSize, WINDOW_BYTES},
    runner::{OpenExec, RunnerFrame, ServerFrame, Workload},
    value::{Argument, Base64},
};
use uuid::Uuid;

use crate::conformance::{App, ECHO, FALSE, Harness, Link, SHELL, Subject, YES};
use crate::platform::Platform;

/// A command's output and its exit code arrive; its name is all that it needs.
pub async fn a_commands_output_and_exit_code_arrive<S: Subject>(subject: &S) {
    let mut harness = Harness::start(subject).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Mute, None);
    let (app, instance) = harness.deploy(&mut link, &app).await;

    for (command, output, code) in [
        (vec![ECHO, "$(id); a  b"], "$(id); a  b\n", 0),
        (vec![FALSE], "", 1),
    ] {
        let mut program = Program::of(&app, instance.instance_id);
        program.open(&mut link, &command, None).await;
        let end = program.end(&mut link).await;
        assert_eq!(
            (program.text(), end),
            (output.into(), Ok(code)),
            "{command:?}"
        );
    }
    harness.finish(link, &[&app]).await;
}

/// A terminal echoes input, knows its size, and ends with its shell.
pub async fn a_terminal_echoes_is_resized_and_ends_with_its_shell<S: Subject>(subject: &S) {
    if !subject.runner().await.capabilities().terminals {
        return;
    }
    let mut harness = Harness::start(subject).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Mute, None);
    let (app, instance) = harness.deploy(&mut link, &app).await;

    let mut program = Program::of(&app, instance.instance_id);
    let size = TerminalSize {
        columns: 91,
        rows: 23,
    };
    program.open(&mut link, &[SHELL], Some(size)).await;
    program.write(&mut link, "stty size\n").await;
    program.shows(&mut link, "stty size").await;
    program.shows(&mut link, "23 91").await;
    let (exec_id, size) = (
        program.exec_id,
        TerminalSize {
            columns: 123,
            rows: 45,
        },
    );
    link.send(ServerFrame::ExecResize { exec_id, size }).await;
    // Resizes and input are separate, and may be handled in any order.
    while !program.text().contains("45 123") {
        program.write(&mut link, "stty size\n").await;
        program.hear(&mut link).await;
    }
    program.write(&mut link, "exit 7\n").await;
    assert_eq!(program.end(&mut link).await, Ok(7));
    harness.finish(link, &[&app]).await;
}

/// A program that prints without end sends a window and then waits for credit.
///
/// Meanwhile everything else goes on over the same link.
pub async fn output_waits_for_credit_and_blocks_nothing_else<S: Subject>(subject: &S) {
    let mut harness = Harness::start(subject).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Mute, None);
    let (app, instance) = harness.deploy(&mut link, &app).await;

    let window = usize::try_from(WINDOW_BYTES).expect("it is small");
    let mut program = Program::of(&app, instance.instance_id);
    program.credits = false;
    program.open(&mut link, &[YES], None).await;
    while program.output.len() < window {
        program.hear(&mut link).await;
    }
    // While the other app is deployed, more output would come if it could.
    let other = harness.workload(App::Mute, None);
    link.change(&other).await;
    link.until("that the other app is live", |frame| {
        assert!(!program.is_output(frame), "more came than was granted");
        matches!(frame, RunnerFrame::Release(report)
            if report.phase == models::deployment::ReleasePhase::Live)
        .then_some(())
    })
    .await;
    assert_eq!(program.output.len(), window);
    program.grant(&mut link, 10).await;
    program.hear(&mut link).await;
    assert_eq!(program.output.len(), window + 10);
    program.close(&mut link).await;
    harness.finish(link, &[&app, &other]).await;
}

/// An exec ends when the server closes it, and when the link breaks.
pub async fn a_program_is_hung_up_by_a_word_and_by_a_broken_link<S: Subject>(subject: &S) {
    if !subject.runner().await.capabilities().terminals {
        return;
    }
    let mut harness = Harness::start(subject).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Mute, None);
    let (app, instance) = harness.deploy(&mut link, &app).await;

    let mut closed = Program::of(&app, instance.instance_id);
    let mut cut = Program::of(&app, instance.instance_id);
    let terminal = Some(TerminalSize::default());
    for program in [&mut closed, &mut cut] {
        program.open(&mut link, &[SHELL], terminal).await;
        program.write(&mut link, "stty size\n").await;
        program.shows(&mut link, "24 80").await;
    }
    closed.close(&mut link).await;
    closed.write(&mut link, "stty size\n").await;
    // The other one answers, so the closed one had its chance to.
    cut.output.clear();
    cut.write(&mut link, "stty size\n").await;
    while !cut.text().contains("24 80") {
        let frame = link.recv().await;
        assert!(!closed.concerns(&frame), "it goes on: {frame:?}");
        cut.note(&mut link, &frame).await;
    }
    link.cut();

    let (mut link, _) = harness.next_link().await;
    link.set_desired(std::slice::from_ref(&app)).await;
    cut.write(&mut link, "stty size\n").await;
    let mut next = Program::of(&app, instance.instance_id);
    next.open(&mut link, &[ECHO, "next"], None).await;
    while !next.text().contains("next\n") {
        let frame = link.recv().await;
        assert!(
            !cut.concerns(&frame),
            "it outlived its link, or is heard of: {frame:?}"
        );
        next.note(&mut link, &frame).await;
    }
    harness.finish(link, &[&app]).await;
}

/// A runner does not trust the server's permission checks.
pub async fn forbidden_execs_are_refused<S: Subject>(subject: &S) {
    let mut harness = Harness::start(subject).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Mute, None);
    let (app, instance) = harness.deploy(&mut link, &app).await;
    let other = harness.workload(App::Mute, None);
    let (other, _) = harness.deploy(&mut link, &other).await;

    let refusal = async |link: &mut Link, mut program: Program, command: &[&str], size| {
        program.open(link, command, size).await;
        let end = program.end(link).await;
        end.expect_err("it is refused").code
    };
    let theirs = Program::of(&other, instance.instance_id);
    assert_eq!(
        refusal(&mut link, theirs, &[ECHO], None).await,
        FailureCode::InstanceNotRunning
    );
    let nobodys = Program::of(&app, InstanceId::from_uuid(Uuid::nil()));
    assert_eq!(
        refusal(&mut link, nobodys, &[ECHO], None).await,
        FailureCode::InstanceNotRunning
    );
    let size = TerminalSize {
        columns: 0,
        rows: 24,
    };
    let wrong: [(&[&str], Option<TerminalSize>); 3] =
        [(&[], None), (&["a\0b"], None), (&[SHELL], Some(size))];
    for (command, size) in wrong {
        let program = Program::of(&app, instance.instance_id);
        let code = refusal(&mut link, program, command, size).await;
        assert_eq!(code, FailureCode::ExecInvalid, "{command:?}");
    }
    if !subject.runner().await.capabilities().terminals {
        let program = Program::of(&app, instance.instance_id);
        let terminal = Some(TerminalSize::default());
        let code = refusal(&mut link, program, &[SHELL], terminal).await;
        assert_eq!(code, FailureCode::TerminalUnsupported);
        return harness.finish(link, &[&app, &other]).await;
    }
    let mut flooded = Program::of(&app, instance.instance_id);
    let terminal = Some(TerminalSize::default());
    flooded.open(&mut link, &[SHELL], terminal).await;
    let exec_id = flooded.exec_id;
    for _ in 0..2 {
        let bytes = Base64(vec![b'x'; WINDOW_BYTES as usize]);
        link.send(ServerFrame::ExecInput { exec_id, bytes }).await;
    }
    let end = flooded.end(&mut link).await;
    assert_eq!(
        end.expect_err("it is refused").code,
        FailureCode::InputOverrun
    );
    harness.finish(link, &[&app, &other]).await;
}

/// An exec, as the server knows it.
struct Program {
    exec_id: ExecId,
    deployment_id: DeploymentId,
    instance_id: InstanceId,
    /// True if output is credited as it comes.
    credits: bool,
    output: Vec<u8>,
    end: Option<Result<i64, Failure>>,
}

impl Program {
    fn of(workload: &Workload, instance_id: InstanceId) -> Self {
        Self {
            exec_id: ExecId::from_uuid(Uuid::now_v7()),
            deployment_id: workload.deployment_id,
            instance_id,
            credits: true,
            output: Vec::new(),
            end: None,
        }
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.output).into_owned()
    }

    async fn open(&self, link: &mut Link, command: &[&str], terminal: Option<TerminalSize>) {
        let open = OpenExec {
            exec_id: self.exec_id,
            deployment_id: self.deployment_id,
            instance_id: self.instance_id,
            command: command.iter().copied().map(Argument::trusted).collect(),
            terminal,
        };
        link.send(ServerFrame::ExecOpen(Box::new(open))).await;
    }

    async fn write(&self, link: &mut Link, text: &str) {
        let (exec_id, bytes) = (self.exec_id, Base64(text.as_bytes().to_vec()));
        link.send(ServerFrame::ExecInput { exec_id, bytes }).await;
    }

    async fn grant(&self, link: &mut Link, bytes: u32) {
        let exec_id = self.exec_id;
        link.send(ServerFrame::ExecCredit { exec_id, bytes }).await;
    }

    async fn close(&self, link: &mut Link) {
        let exec_id = self.exec_id;
        link.send(ServerFrame::ExecClose { exec_id }).await;
    }

    fn is_output(&self, frame: &RunnerFrame) -> bool {
        matches!(frame, RunnerFrame::ExecOutput { exec_id, .. } if *exec_id == self.exec_id)
    }

    /// True if a frame concerns this exec.
    fn concerns(&self, frame: &RunnerFrame) -> bool {
        matches!(
            frame,
            RunnerFrame::ExecOutput { exec_id, .. }
            | RunnerFrame::ExecCredit { exec_id, .. }
            | RunnerFrame::ExecExited { exec_id, .. }
            | RunnerFrame::ExecRefused { exec_id, .. } if *exec_id == self.exec_id
        )
    }

    /// Receives until a frame concerns this exec.
    async fn hear(&mut self, link: &mut Link) {
        loop {
            let frame = link.recv().await;
            if self.concerns(&frame) {
                return self.note(link, &frame).await;
            }
        }
    }

    async fn note(&mut self, link: &mut Link, frame: &RunnerFrame) {
        if !self.concerns(frame) {
            return;
        }
        match frame {
            RunnerFrame::ExecOutput { bytes, .. } => {
                self.output.extend_from_slice(&bytes.0);
                let length = u32::try_from(bytes.0.len()).expect("frames are small");
                if self.credits {
                    self.grant(link, length).await;
                }
            }
            RunnerFrame::ExecExited { code, .. } => self.end = Some(Ok(*code)),
            RunnerFrame::ExecRefused { failure, .. } => self.end = Some(Err(failure.clone())),
            _ => {}
        }
    }

    /// Receives until its output contains the text.
    async fn shows(&mut self, link: &mut Link, text: &str) {
        while !self.text().contains(text) {
            self.hear(link).await;
            assert!(self.end.is_none(), "it ended: {:?}", self.end);
        }
    }

    /// Receives until it has exited.
    async fn end(&mut self, link: &mut Link) -> Result<i64, Failure> {
        while self.end.is_none() {
            self.hear(link).await;
        }
        self.end.clone().expect("it has ended")
    }
}
