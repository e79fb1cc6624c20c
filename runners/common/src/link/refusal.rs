//! Refusals: the server's answers to a link that it does not want.

use http::{Response, StatusCode};
use models::error::{ApiError, ErrorCode};

/// The server's refusal of a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) code: ErrorCode,
    pub(crate) message: String,
}

impl Refusal {
    /// Reads a refusal from the response to the request for a link.
    ///
    /// `None` when the response is not Berth's, for example a proxy's.
    pub(super) fn from_response(response: &Response<Option<Vec<u8>>>) -> Option<Self> {
        let body = response.body().as_deref().unwrap_or_default();
        if let Ok(error) = serde_json::from_slice::<ApiError>(body) {
            return Some(Self {
                code: error.code,
                message: error.message,
            });
        }
        let code = match response.status() {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => ErrorCode::Unauthenticated,
            StatusCode::UPGRADE_REQUIRED => ErrorCode::ProtocolVersionUnsupported,
            _ => return None,
        };
        Some(Self {
            code,
            message: code.message().to_owned(),
        })
    }

    /// True if a later try may succeed without anyone's help.
    pub(super) const fn passes_by_itself(&self) -> bool {
        !matches!(
            self.code,
            ErrorCode::Unauthenticated
                | ErrorCode::PermissionDenied
                | ErrorCode::NotFound
                | ErrorCode::ProtocolVersionUnsupported
        )
    }

    /// Returns advice for a person.
    pub(crate) const fn advice(&self) -> &'static str {
        match self.code {
            ErrorCode::Unauthenticated | ErrorCode::PermissionDenied | ErrorCode::NotFound => {
                "the token is invalid or was revoked; restart the runner with a new token from the \
                 dashboard, or remove its state folder to register it as a new runner"
            }
            ErrorCode::ProtocolVersionUnsupported => {
                "install the runner version that matches the server"
            }
            ErrorCode::RunnerAlreadyConnected => {
                "another process is using this token, or the server has not yet noticed that the \
                 previous link is closed"
            }
            _ => "none; the runner retries",
        }
    }
}

#[cfg(test)]
mod tests {
    use http::Response;
    use models::error::ErrorCode;

    use super::Refusal;

    fn refusal(status: u16, body: &str) -> Option<Refusal> {
        let response = Response::builder()
            .status(status)
            .body(Some(body.as_bytes().to_vec()))
            .unwrap();
        Refusal::from_response(&response)
    }

    #[test]
    fn the_servers_own_words_are_used() {
        let body = r#"{"status":409,"code":"runner_already_connected","message":"Taken."}"#;
        let refusal = refusal(409, body).unwrap();
        assert_eq!(refusal.code, ErrorCode::RunnerAlreadyConnected);
        assert_eq!(refusal.message, "Taken.");
        assert!(refusal.passes_by_itself());
    }

    #[test]
    fn a_bare_status_is_understood_where_it_can_only_mean_one_thing() {
        assert_eq!(refusal(401, "no").unwrap().code, ErrorCode::Unauthenticated);
        assert!(!refusal(401, "no").unwrap().passes_by_itself());
        assert_eq!(refusal(502, "<html>"), None);
    }
}
