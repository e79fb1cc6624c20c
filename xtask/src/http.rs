//! Minimal HTTP client over any stream, with one request per connection.
//!
//! Requests are HTTP/1.0, so that the server sends the response unchunked and closes the
//! connection.

use std::{
    fmt::Write as _,
    io::{Read, Write},
};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// An HTTP request.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Method, in capitals.
    pub method: &'a str,
    /// Path and query.
    pub path: &'a str,
    /// Headers besides `Host` and `Content-Length`.
    pub headers: &'a [(&'a str, &'a str)],
    /// Body; empty for none.
    pub body: &'a [u8],
}

/// An HTTP response.
#[derive(Debug)]
pub struct Response {
    /// Status code.
    pub status: u16,
    /// Body as received.
    pub body: Vec<u8>,
    head: String,
}

impl<'a> Request<'a> {
    /// Creates a GET request.
    pub const fn get(path: &'a str) -> Self {
        Self {
            method: "GET",
            path,
            headers: &[],
            body: &[],
        }
    }

    fn head(&self) -> String {
        // Writing to a `String` cannot fail.
        let mut head = format!(
            "{} {} HTTP/1.0\r\nHost: localhost\r\n",
            self.method, self.path
        );
        for (name, value) in self.headers {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        if !self.body.is_empty() {
            let _ = write!(head, "Content-Length: {}\r\n", self.body.len());
        }
        head.push_str("\r\n");
        head
    }
}

impl Response {
    /// Returns the body as text, lossily decoded.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Parses the body as JSON.
    pub fn json(&self) -> Result<Value> {
        serde_json::from_slice(&self.body).context("the response is not JSON")
    }

    /// Returns all values of a header, which can occur several times.
    pub fn header<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.head
            .lines()
            .filter_map(|line| line.split_once(':'))
            .filter(move |(header, _)| header.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim())
    }
}

/// Sends a request and reads the whole response.
///
/// # Errors
/// If the stream breaks or the response is not HTTP.
pub fn exchange(mut stream: impl Read + Write, request: &Request<'_>) -> Result<Response> {
    stream.write_all(request.head().as_bytes())?;
    stream.write_all(request.body)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    parse(answer).context("the response is not HTTP")
}

/// Sends a request and reads the head of the response.
///
/// The returned reader has the body.
///
/// # Errors
/// If the stream breaks or the request is refused.
pub fn begin<S: Read + Write>(mut stream: S, request: &Request<'_>) -> Result<S> {
    stream.write_all(request.head().as_bytes())?;
    stream.write_all(request.body)?;
    let head = read_head(&mut stream)?;
    ensure!(head.split_whitespace().nth(1) == Some("200"), "{head}");
    Ok(stream)
}

/// Reads up to the end of a head and no further.
pub fn read_head(stream: &mut impl Read) -> Result<String> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    Ok(String::from_utf8(head)?)
}

fn parse(mut answer: Vec<u8>) -> Option<Response> {
    const END: &[u8] = b"\r\n\r\n";
    let end = answer.windows(END.len()).position(|bytes| bytes == END)?;
    let body = answer.split_off(end + END.len());
    let head = String::from_utf8(answer).ok()?;
    let status = head.split_whitespace().nth(1)?.parse().ok()?;
    Some(Response { status, body, head })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_split_into_status_headers_and_body() {
        let response =
            parse(b"HTTP/1.0 404 Not Found\r\nSet-Cookie: a=b\r\n\r\nno\r\n\r\nimage".into())
                .unwrap();
        assert_eq!(response.status, 404);
        assert_eq!(response.text(), "no\r\n\r\nimage");
        assert_eq!(response.header("set-cookie").collect::<Vec<_>>(), ["a=b"]);
        assert!(parse(b"garbage".into()).is_none());
    }

    #[test]
    fn a_request_carries_its_headers_and_the_length_of_its_body() {
        let request = Request {
            method: "POST",
            path: "/x",
            headers: &[("Accept", "y")],
            body: b"12",
        };
        assert_eq!(
            request.head(),
            "POST /x HTTP/1.0\r\nHost: localhost\r\nAccept: y\r\nContent-Length: 2\r\n\r\n"
        );
    }
}
