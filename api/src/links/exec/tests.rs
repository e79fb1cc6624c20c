use std::sync::Arc;

use futures::FutureExt;
use models::{
    DeploymentId, ExecId, InstanceId,
    deployment::FailureCode,
    exec::{CHUNK_BYTES, MAX_EXECS_OF_LINK, WINDOW_BYTES},
    runner::ServerFrame,
};
use tokio::sync::mpsc::Receiver;
use uuid::Uuid;

use super::{Exec, ExecEnd, ExecEvent, ExecRequest, ExecUnavailable, Execs, open};

const WINDOW: usize = WINDOW_BYTES as usize;

fn request() -> ExecRequest {
    ExecRequest {
        deployment_id: DeploymentId::from_uuid(Uuid::nil()),
        instance_id: InstanceId::from_uuid(Uuid::nil()),
        command: Vec::new(),
        terminal: None,
    }
}

/// Opens an exec, and returns it with the id that the runner sees.
fn opened(execs: &Arc<Execs>, frames: &mut Receiver<ServerFrame>) -> (Exec, ExecId) {
    let exec = open(execs.clone(), request())
        .now_or_never()
        .unwrap()
        .unwrap();
    match frames.try_recv() {
        Ok(ServerFrame::ExecOpen(open)) => (exec, open.exec_id),
        other => panic!("{other:?}"),
    }
}

fn heard(exec: &Exec) -> Option<ExecEvent> {
    exec.next().now_or_never()
}

#[test]
fn unread_output_is_limited_to_a_window() {
    let (execs, mut frames) = Execs::new();
    let (exec, exec_id) = opened(&execs, &mut frames);
    execs.output(exec_id, &vec![b'y'; WINDOW]);
    // The output is received, but not yet marked as taken: the slowest possible reader.
    let Some(ExecEvent::Output(output)) = heard(&exec) else {
        panic!("nothing was heard");
    };
    assert_eq!(output.len(), WINDOW);
    assert!(frames.try_recv().is_err(), "credit was given too early");
    exec.grant_output(10).now_or_never().unwrap();
    let credit = ServerFrame::ExecCredit { exec_id, bytes: 10 };
    assert_eq!(frames.try_recv(), Ok(credit));

    execs.output(exec_id, &[b'y'; 10]);
    execs.output(exec_id, b"y");
    assert_eq!(heard(&exec), Some(ExecEvent::Output(vec![b'y'; 10])));
    let Some(ExecEvent::End(ExecEnd::Refused(failure))) = heard(&exec) else {
        panic!("a runner may send what it likes");
    };
    assert_eq!(failure.code, FailureCode::OutputOverrun);
}

#[test]
fn input_waits_for_the_runner() {
    let (execs, mut frames) = Execs::new();
    let (exec, exec_id) = opened(&execs, &mut frames);
    let mut sent = 0;
    while let Some(room) = exec.reserve_input(usize::MAX).now_or_never() {
        assert!(room <= CHUNK_BYTES);
        sent += room;
    }
    assert_eq!(sent, WINDOW);
    execs.credit(exec_id, 3);
    assert_eq!(exec.reserve_input(5).now_or_never(), Some(3));
}

#[test]
fn all_output_is_heard_before_the_end_and_an_ended_one_is_not_closed() {
    let (execs, mut frames) = Execs::new();
    let (exec, exec_id) = opened(&execs, &mut frames);
    execs.output(exec_id, b"bye");
    let exited = ExecEnd::Exited {
        code: 3,
        oom_killed: false,
    };
    execs.end(exec_id, exited.clone());
    assert_eq!(heard(&exec), Some(ExecEvent::Output(b"bye".to_vec())));
    let end = ExecEvent::End(exited);
    assert_eq!(heard(&exec), Some(end));
    drop(exec);
    assert!(frames.try_recv().is_err());
}

#[test]
fn a_dropped_one_is_closed_however_much_waits_for_the_link() {
    let (execs, mut frames) = Execs::new();
    let (exec, exec_id) = opened(&execs, &mut frames);
    while exec.input(b"x".to_vec()).now_or_never().is_some() {}
    drop(exec);
    let mut last = None;
    while let Ok(frame) = frames.try_recv() {
        last = Some(frame);
    }
    assert_eq!(last, Some(ServerFrame::ExecClose { exec_id }));
    assert!(execs.lock().is_empty());
}

#[test]
fn a_link_carries_so_many_and_its_end_is_theirs() {
    let (execs, mut frames) = Execs::new();
    let all: Vec<_> = (0..MAX_EXECS_OF_LINK)
        .map(|_| opened(&execs, &mut frames).0)
        .collect();
    let more = open(execs.clone(), request()).now_or_never().unwrap();
    assert_eq!(more.err(), Some(ExecUnavailable::Busy));
    execs.link_lost();
    for exec in &all {
        assert_eq!(heard(exec), Some(ExecEvent::End(ExecEnd::LinkLost)));
    }
}
