//! One call of an endpoint with the real client, and its form on the wire.

use std::{
    cell::RefCell,
    fmt::{Debug, Write},
    pin::pin,
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use garde::Validate;
use http::{HeaderValue, Request, Response};
use models::{
    client::{Client, Satisfies, Session, Transport},
    endpoint::ApiEndpoint,
    request::{DecodeError, read},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// Records the request and returns a prepared response.
struct Recorder<'a> {
    sent: &'a RefCell<Option<Request<Bytes>>>,
    answer: Response<Bytes>,
}

impl Transport for Recorder<'_> {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, String> {
        self.sent.replace(Some(request));
        Ok(self.answer.clone())
    }
}

/// Polls a future that is ready immediately.
fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("the call waits for something"),
    }
}

fn same_on_the_other_side<T: Serialize + DeserializeOwned + PartialEq + Debug>(
    value: &T,
) -> String {
    let text = serde_json::to_string_pretty(value).unwrap();
    assert_eq!(&serde_json::from_str::<T>(&text).unwrap(), value);
    text
}

/// Checks that one more field, in any object of a request, is refused by its name.
fn ignores_nothing<T: Serialize + DeserializeOwned>(request: &T) {
    let whole = serde_json::to_value(request).unwrap();
    let mut objects = Vec::new();
    collect_objects(&whole, String::new(), &mut objects);
    for object in objects {
        let mut more = whole.clone();
        more.pointer_mut(&object).unwrap()["nothing_reads_this"] = true.into();
        match read::<T, _>(more, serde_json::Error::is_data) {
            Err(DecodeError::Fields(fields)) => {
                let named = fields.iter().map(|error| error.field.as_str());
                let named: Vec<_> = named.collect();
                let is_named = |name: &&str| name.ends_with("nothing_reads_this");
                assert!(named.len() == 1 && named.iter().all(is_named), "{named:?}");
            }
            Err(DecodeError::Malformed(error)) => panic!("{object}: {error}"),
            Ok(_) => panic!("a field in {object:?} of {whole} was ignored"),
        }
    }
}

/// Collects the JSON pointers of all objects in a value.
fn collect_objects(value: &Value, at: String, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                collect_objects(field, format!("{at}/{name}"), found);
            }
            found.push(at);
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect_objects(item, format!("{at}/{index}"), found);
            }
        }
        _ => {}
    }
}

/// Calls an endpoint, and describes the request and the response.
pub(crate) fn exchange<E>(
    path: E::Path,
    query: E::Query,
    request: E::Request,
    response: E::Response,
) -> String
where
    E: ApiEndpoint<Request: PartialEq, Response: PartialEq>,
    Session: Satisfies<E::Caller>,
{
    request.validate().unwrap();
    ignores_nothing(&request);
    query.validate().unwrap();
    let has_answer = E::INFO.success != http::StatusCode::NO_CONTENT;
    let body = if has_answer {
        serde_json::to_vec(&response).unwrap()
    } else {
        Vec::new()
    };
    let sent = RefCell::default();
    let recorder = Recorder {
        sent: &sent,
        answer: Response::builder()
            .status(E::INFO.success)
            .body(body.into())
            .unwrap(),
    };
    let session = Session {
        cookie: Some(HeaderValue::from_static("berth=session")),
    };
    let client = Client::new(recorder, session);
    let answered = ready(client.call::<E>(&path, &query, &request)).unwrap();
    assert_eq!(answered, response);

    let sent = sent.take().unwrap();
    let mut text = format!("{} {}\n", sent.method(), sent.uri());
    for (name, value) in sent.headers() {
        writeln!(
            text,
            "{name}: {}",
            String::from_utf8_lossy(value.as_bytes())
        )
        .unwrap();
    }
    if !sent.body().is_empty() {
        assert_eq!(sent.body(), &serde_json::to_vec(&request).unwrap());
        writeln!(text, "\n{}", same_on_the_other_side(&request)).unwrap();
    }
    writeln!(text, "\n{}", E::INFO.success).unwrap();
    if has_answer {
        writeln!(text, "\n{}", same_on_the_other_side(&response)).unwrap();
    }
    text
}

/// Returns the messages of a stream, one a line.
pub(crate) fn messages<T: Serialize + DeserializeOwned + PartialEq + Debug>(
    messages: &[T],
) -> String {
    let mut text = String::new();
    for message in messages {
        writeln!(text, "{}", same_on_the_other_side(message)).unwrap();
    }
    text
}
