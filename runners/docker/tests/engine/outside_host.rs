//! A host outside of this one: a network namespace at the other end of a cable.

use std::{
    fs::File,
    io::{Read, Write},
    net::{IpAddr, Ipv4Addr, TcpListener},
    process::Command,
    sync::mpsc,
    thread,
};

use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

/// Response of all servers of the tests.
pub(crate) const HELLO: &str = "hello from where apps may not be";

/// A host with an ordinary and a link-local address that accepts everything.
pub(crate) struct Outside {
    name: String,
    /// An ordinary address.
    pub(crate) address: Ipv4Addr,
    /// An address like that of a cloud's metadata service.
    pub(crate) metadata: Ipv4Addr,
}

impl Outside {
    /// Creates it. Its addresses belong to this process alone.
    pub(crate) fn new() -> Self {
        let own = std::process::id();
        let [low, high] = [own, own / 250].map(|part| u8::try_from(part % 250 + 1).unwrap());
        let (name, cable) = (format!("berth-{own}"), format!("bt{own}"));
        let [gateway, address] = [1, 2].map(|host| Ipv4Addr::new(198, 18, low, host));
        // Not the one of real clouds, which the tests' own host may need.
        let metadata = Ipv4Addr::new(169, 254, high.min(168), low);
        let outside = Self {
            name: name.clone(),
            address,
            metadata,
        };
        ip(&["netns", "add", &name]);
        ip(&[
            "link", "add", &cable, "type", "veth", "peer", "name", "eth0", "netns", &name,
        ]);
        ip(&["address", "add", &format!("{gateway}/30"), "dev", &cable]);
        ip(&["link", "set", &cable, "up"]);
        for inside in [
            vec!["address", "add", &format!("{address}/30"), "dev", "eth0"],
            vec!["address", "add", &format!("{metadata}/32"), "dev", "lo"],
            vec!["link", "set", "lo", "up"],
            vec!["link", "set", "eth0", "up"],
            vec!["route", "add", "default", "via", &gateway.to_string()],
        ] {
            ip(&[&["-n", &name], inside.as_slice()].concat());
        }
        ip(&[
            "route",
            "add",
            &format!("{metadata}/32"),
            "via",
            &address.to_string(),
        ]);
        outside
    }

    /// Answers on a port of all its addresses.
    pub(crate) fn listen(&self) -> u16 {
        let namespace = File::open(format!("/run/netns/{}", self.name)).unwrap();
        let (listens, port) = mpsc::channel();
        thread::spawn(move || {
            let network = Some(LinkNameSpaceType::Network);
            move_into_link_name_space(std::os::fd::AsFd::as_fd(&namespace), network).unwrap();
            answer(&listens);
        });
        port.recv().unwrap()
    }
}

impl Drop for Outside {
    fn drop(&mut self) {
        // The cable and its routes go with it.
        Command::new("ip")
            .args(["netns", "delete", &self.name])
            .status()
            .ok();
    }
}

/// Answers on a port of all addresses of the host.
pub(crate) fn listen_here() -> u16 {
    let (listens, port) = mpsc::channel();
    thread::spawn(move || answer(&listens));
    port.recv().unwrap()
}

fn answer(listens: &mpsc::Sender<u16>) {
    let listener = TcpListener::bind((IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0)).unwrap();
    listens.send(listener.local_addr().unwrap().port()).unwrap();
    for mut stream in listener.incoming().flatten() {
        if stream.read(&mut [0; 100]).is_ok_and(|bytes| bytes > 0) {
            stream.write_all(HELLO.as_bytes()).ok();
        }
    }
}

fn ip(arguments: &[&str]) {
    let done = Command::new("ip").args(arguments).output().unwrap();
    assert!(done.status.success(), "ip {arguments:?}: {done:?}");
}
