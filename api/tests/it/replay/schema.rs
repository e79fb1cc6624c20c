//! Free-text fields, found in the JSON Schemas of the endpoints.

use models::{
    api,
    endpoint::{ApiEndpoint, EndpointInfo, EndpointVisitor, StreamEndpoint},
};
use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde_json::Value;

/// The free texts of an endpoint, as JSON pointers.
pub(crate) struct FreeTexts {
    pub(crate) info: EndpointInfo,
    pub(crate) request: Vec<String>,
    pub(crate) query: Vec<String>,
}

/// The free texts of every endpoint that is not a stream.
pub(crate) fn endpoints() -> Vec<FreeTexts> {
    let mut found = Endpoints(Vec::new());
    api::visit(&mut found);
    found.0
}

struct Endpoints(Vec<FreeTexts>);

impl EndpointVisitor for Endpoints {
    fn endpoint<E: ApiEndpoint>(&mut self) {
        self.0.push(FreeTexts {
            info: E::INFO,
            request: free_texts::<E::Request>(),
            query: free_texts::<E::Query>(),
        });
    }

    fn stream<S: StreamEndpoint>(&mut self) {}
}

/// The JSON pointers of all free texts in a type; in lists, of the first item.
fn free_texts<T: JsonSchema>() -> Vec<String> {
    let mut generator: SchemaGenerator = SchemaSettings::draft2020_12().into_generator();
    let schema = generator.subschema_for::<T>().to_value();
    let definitions = Value::Object(generator.take_definitions(true));
    let mut found = Vec::new();
    walk(&schema, &definitions, String::new(), &mut found);
    found.sort();
    found.dedup();
    found
}

fn walk(schema: &Value, definitions: &Value, at: String, found: &mut Vec<String>) {
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.rsplit('/').next().unwrap();
        walk(&definitions[name], definitions, at.clone(), found);
    }
    for choice in ["anyOf", "oneOf", "allOf"] {
        for one in schema[choice].as_array().into_iter().flatten() {
            walk(one, definitions, at.clone(), found);
        }
    }
    if let Some(fields) = schema["properties"].as_object() {
        for (name, field) in fields {
            walk(field, definitions, format!("{at}/{name}"), found);
        }
    }
    if schema["items"].is_object() {
        walk(&schema["items"], definitions, format!("{at}/0"), found);
    }
    let is_text = match &schema["type"] {
        Value::String(kind) => kind == "string",
        Value::Array(kinds) => kinds.iter().any(|kind| kind == "string"),
        _ => false,
    };
    let is_one_of_few = ["enum", "const", "format"]
        .iter()
        .any(|key| !schema[key].is_null());
    if is_text && !is_one_of_few {
        found.push(at);
    }
}

/// Sets the value at a pointer.
pub(crate) fn put(into: &mut Value, pointer: &str, value: Value) {
    *into
        .pointer_mut(pointer)
        .unwrap_or_else(|| panic!("nothing stands at {pointer}")) = value;
}

/// True if a text is anywhere in a value.
pub(crate) fn has_text(value: &Value, text: &str) -> bool {
    match value {
        Value::String(found) => found == text,
        Value::Array(items) => items.iter().any(|item| has_text(item, text)),
        Value::Object(fields) => fields.values().any(|field| has_text(field, text)),
        _ => false,
    }
}
