//! Keys that are unknown, given twice or missing.

use macros::declare_api_endpoint;

declare_api_endpoint! {
    /// A key that there is not.
    UnknownKey,
    GET "/thing", access = public, rate = Reads, respons = 200
}

declare_api_endpoint! {
    /// A key that was there.
    KeyTwice,
    GET "/thing", access = public, rate = Reads, rate = Writes, response = 200
}

declare_api_endpoint! {
    /// How often may it be called?
    NoRate,
    GET "/thing", access = public, response = 200
}

declare_api_endpoint! {
    /// What does it answer?
    NoResponse,
    GET "/thing", access = public, rate = Reads
}

declare_api_endpoint! {
    /// What is it called in the audit log?
    NoAudit,
    POST "/thing", access = public, rate = Writes, response = 201
}

declare_api_endpoint! {
    /// Who may call it?
    NoAccess,
    GET "/thing", rate = Reads, response = 200
}

fn main() {}
