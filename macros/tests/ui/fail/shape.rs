//! Keys and values that do not go together.

use macros::declare_api_endpoint;

declare_api_endpoint! {
    /// A GET with a body.
    GetWithBody,
    GET "/thing", access = public, rate = Reads, request = {}, response = 200
}

declare_api_endpoint! {
    /// A GET that changes something.
    GetWithAudit,
    GET "/thing", access = public, rate = Reads, audit = "thing.get", response = 200
}

declare_api_endpoint! {
    /// A list that changes something.
    PageByPost,
    POST "/thing", access = public, rate = Reads, audit = "thing.list", page = String
}

declare_api_endpoint! {
    /// Two answers.
    PageAndResponse,
    GET "/thing", access = public, rate = Reads, page = String, response = 200
}

declare_api_endpoint! {
    /// Two queries.
    PageAndQuery,
    GET "/thing", access = public, rate = Reads, query = {}, page = String
}

declare_api_endpoint! {
    /// A failure as the success.
    FailureAsSuccess,
    GET "/thing", access = public, rate = Reads, response = 404
}

declare_api_endpoint! {
    /// A body where there is none.
    BodyOfNothing,
    DELETE "/thing", access = public, rate = Writes, audit = "thing.delete",
    response = 204 {
        /// Nobody would read it.
        text: String,
    }
}

declare_api_endpoint! {
    /// An answer of a kind that there is not.
    UnknownKind,
    GET "/thing", access = public, rate = Reads, response = 200 html
}

declare_api_endpoint! {
    /// A field of which nobody knows what it is.
    UndocumentedField,
    GET "/thing", access = public, rate = Reads, query = { depth: Option<u8> }, response = 200
}

declare_api_endpoint! {
    /// A secret that is given away.
    SecretInResponse,
    GET "/thing", access = public, rate = Reads,
    response = 200 {
        /// The secret.
        #[secret]
        key: models::value::SecretText,
    }
}

declare_api_endpoint! {
    /// A secret in every log.
    SecretInQuery,
    GET "/thing", access = public, rate = Reads,
    query = {
        /// The secret.
        #[secret]
        key: models::value::SecretText,
    },
    response = 200
}

fn main() {}
