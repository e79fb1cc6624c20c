//! The app that the tests deploy; see `runner_common::conformance::App`.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    reason = "an app reads its environment, and one for tests may panic"
)]

use std::{
    env, fs,
    io::{Read, Write},
    net::TcpListener,
    process::exit,
    thread,
};

fn main() {
    match env::var("BERTH_TEST_APP").as_deref() {
        Ok("web") => serve(),
        Ok("ends") => {
            eprintln!("going down");
            exit(3);
        }
        Ok("done") => {
            println!("done");
            exit(0);
        }
        Ok("shows") => {
            let root = env::var("BERTH_ROOT").expect("the runner says where files are");
            let greeting = fs::read_to_string(format!("{root}/etc/berth/greeting"));
            print!("{}", greeting.expect("the file is there"));
        }
        Ok("lines") => (0..2_000).for_each(|number| println!("line {number}")),
        _ => println!("up"),
    }
    loop {
        thread::park();
    }
}

fn serve() {
    let port = env::var("PORT").expect("the runner says which port");
    let listener = TcpListener::bind(format!("127.0.0.1:{port}")).expect("the port is free");
    println!("up");
    for connection in listener.incoming().flatten() {
        let (mut reader, mut writer) = (&connection, &connection);
        let mut request = [0; 1024];
        if reader.read(&mut request).is_ok_and(|n| n > 0) {
            let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n";
            writer.write_all(answer).ok();
        }
    }
}
