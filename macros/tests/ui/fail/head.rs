//! The documentation, the name, the method and the path.

use macros::declare_api_endpoint;

declare_api_endpoint! {
    Undocumented,
    GET "/thing", access = public, rate = Reads, response = 200
}

declare_api_endpoint! {
    /// A method that there is not.
    WrongMethod,
    FETCH "/thing", access = public, rate = Reads, response = 200
}

declare_api_endpoint! {
    /// A path without its slash.
    NoSlash,
    GET "thing", access = public, rate = Reads, response = 200
}

declare_api_endpoint! {
    /// A path with a slash too many.
    SlashTooMany,
    GET "/thing/", access = public, rate = Reads, response = 200
}

declare_api_endpoint! {
    /// A path that is not in kebab-case.
    NotKebabCase,
    GET "/Thing_One", access = public, rate = Reads, response = 200
}

declare_api_endpoint! {
    /// A field's brace is missing.
    HalfAField,
    GET "/thing/{thing_id", access = public, rate = Reads, response = 200
}

declare_api_endpoint! {
    /// A field of the path without a type.
    UntypedField,
    GET "/thing/{thing_id}", access = public, rate = Reads, response = 200
}

declare_api_endpoint! {
    /// A field that the path does not have.
    FieldTooMany,
    GET "/thing" {
        /// Where is it?
        thing_id: String,
    },
    access = public, rate = Reads, response = 200
}

fn main() {}
