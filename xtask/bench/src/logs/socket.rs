//! Minimal `WebSocket` client that reads a stream like a page (RFC 6455).

use std::{
    io::{BufReader, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    time::Duration,
};

use anyhow::{Result, bail, ensure};
use xtask::http;

/// Time limit of a read: longer than any pause between two lines.
const TIMEOUT: Duration = Duration::from_mins(1);
/// Maximum size of a message from a server to a page.
const MAX_MESSAGE: u64 = 64 * 1024 * 1024;

const TEXT: u8 = 1;
const CLOSE: u8 = 8;

/// A stream opened for reading.
pub(crate) struct Socket(BufReader<TcpStream>);

impl Socket {
    /// Opens a stream as a signed-in person.
    pub(crate) fn open(port: u16, path: &str, cookies: &str) -> Result<Self> {
        let mut stream = TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        // The key needs to be neither secret nor fresh here.
        let head = format!(
            "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: YmVuY2htYXJrIGtleSAwMA==\r\n\
             Sec-Fetch-Site: same-origin\r\nCookie: {cookies}\r\n\r\n"
        );
        stream.write_all(head.as_bytes())?;
        let mut reader = BufReader::new(stream);
        let answer = http::read_head(&mut reader)?;
        ensure!(answer.split_whitespace().nth(1) == Some("101"), "{answer}");
        Ok(Self(reader))
    }

    /// Returns the next text message.
    pub(crate) fn next(&mut self) -> Result<String> {
        loop {
            let (kind, payload) = frame(&mut self.0)?;
            match kind {
                TEXT => return Ok(String::from_utf8(payload)?),
                CLOSE => bail!("the server closed the stream"),
                _ => {}
            }
        }
    }
}

/// Returns the opcode and the payload of a frame.
///
/// Servers do not mask frames, and ours never fragments messages.
fn frame(stream: &mut impl Read) -> Result<(u8, Vec<u8>)> {
    let mut head = [0; 2];
    stream.read_exact(&mut head)?;
    ensure!(head[0] & 0x80 != 0, "a message came in parts");
    ensure!(head[1] & 0x80 == 0, "a server must not mask");
    let length = match head[1] {
        126 => {
            let mut length = [0; 2];
            stream.read_exact(&mut length)?;
            u64::from(u16::from_be_bytes(length))
        }
        127 => {
            let mut length = [0; 8];
            stream.read_exact(&mut length)?;
            u64::from_be_bytes(length)
        }
        length => length.into(),
    };
    ensure!(length <= MAX_MESSAGE, "a message of {length} bytes");
    let mut payload = vec![0; usize::try_from(length)?];
    stream.read_exact(&mut payload)?;
    Ok((head[0] & 0x0F, payload))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_of_every_length_are_read() {
        for length in [0, 5, 125, 126, 70_000] {
            let mut sent = vec![0x81];
            match length {
                0..126 => sent.push(u8::try_from(length).unwrap()),
                126..65_536 => {
                    sent.push(126);
                    sent.extend(u16::try_from(length).unwrap().to_be_bytes());
                }
                _ => {
                    sent.push(127);
                    sent.extend(u64::try_from(length).unwrap().to_be_bytes());
                }
            }
            sent.extend(vec![b'x'; length]);
            let (kind, payload) = frame(&mut sent.as_slice()).unwrap();
            assert_eq!((kind, payload.len()), (TEXT, length));
        }
        assert!(frame(&mut &[0x81, 0x85, 0][..]).is_err());
    }
}
