//! The OpenAPI 3.1 document, made from the same declarations as the routes.

use models::{
    api::{self, PREFIX},
    endpoint::{Access, ApiEndpoint, EndpointInfo, EndpointVisitor, StreamEndpoint},
    error::ApiError,
};
use schemars::{Schema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

/// Builds the document.
pub fn document() -> Value {
    let mut generator = SchemaSettings::draft2020_12()
        .with(|settings| settings.definitions_path = "/components/schemas".into())
        .into_generator();
    let error = generator.subschema_for::<ApiError>();
    let mut operations = Operations {
        generator,
        error,
        paths: Map::new(),
    };
    api::visit(&mut operations);
    let Operations {
        mut generator,
        paths,
        ..
    } = operations;
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Berth",
            "version": env!("CARGO_PKG_VERSION"),
            "license": {"name": "MIT OR Apache-2.0"},
        },
        "servers": [{"url": PREFIX}],
        "paths": paths,
        "components": {
            "schemas": generator.take_definitions(true),
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": "berth"},
                "api_token": {"type": "http", "scheme": "bearer"},
                "runner_token": {"type": "http", "scheme": "bearer"},
            },
        },
    })
}

/// The operations of the endpoints visited so far.
struct Operations {
    generator: SchemaGenerator,
    error: Schema,
    paths: Map<String, Value>,
}

impl EndpointVisitor for Operations {
    fn endpoint<E: ApiEndpoint>(&mut self) {
        let schemas = Schemas {
            path: self.generator.subschema_for::<E::NamedPath>(),
            query: self.generator.subschema_for::<E::Query>(),
            request: self.generator.subschema_for::<E::Request>(),
            response: self.generator.subschema_for::<E::Response>(),
        };
        self.add(&E::INFO, schemas);
    }

    fn stream<S: StreamEndpoint>(&mut self) {
        let schemas = Schemas {
            path: self.generator.subschema_for::<S::NamedPath>(),
            query: self.generator.subschema_for::<S::Query>(),
            request: self.generator.subschema_for::<S::ClientMessage>(),
            response: self.generator.subschema_for::<S::ServerMessage>(),
        };
        self.add(&S::INFO, schemas);
    }
}

impl Operations {
    fn add(&mut self, info: &EndpointInfo, schemas: Schemas) {
        let operation = operation(&self.generator, info, schemas, &self.error);
        let path = self.paths.entry(info.path.to_owned());
        let path = path.or_insert_with(|| Value::Object(Map::new()));
        path[info.method.as_str().to_lowercase()] = operation;
    }
}

/// The schemas of an endpoint's parts.
struct Schemas {
    path: Schema,
    query: Schema,
    /// The request, or the client's messages of a stream.
    request: Schema,
    /// The response, or the server's messages of a stream.
    response: Schema,
}

fn operation(
    generator: &SchemaGenerator,
    info: &EndpointInfo,
    schemas: Schemas,
    error: &Schema,
) -> Value {
    let (title, rest) = info.doc.split_once('\n').unwrap_or((info.doc, ""));
    let mut parameters = parameters(generator, schemas.path, "path");
    parameters.extend(self::parameters(generator, schemas.query, "query"));
    let mut responses = Map::new();
    responses.insert(success_status(info), success(info, &schemas.response));
    for code in info.errors() {
        let answer = responses
            .entry(code.status().as_str().to_owned())
            .or_insert_with(|| {
                json!({
                    "description": "",
                    "content": {"application/json": {"schema": error}},
                })
            });
        let name = serde_json::to_value(code).unwrap_or_default();
        let name = name.as_str().unwrap_or_default();
        let text = answer["description"].as_str().unwrap_or_default();
        let separator = if text.is_empty() { "" } else { "\n" };
        answer["description"] = format!("{text}{separator}`{name}`: {}", code.message()).into();
    }
    let mut operation = json!({
        "operationId": info.name,
        "summary": title,
        "description": rest.trim(),
        "tags": [tag(info)],
        "parameters": parameters,
        "responses": responses,
        "security": security(info.access),
    });
    if let Access::Permission { permission, .. } = info.access {
        operation["x-permission"] = permission.name().into();
    }
    if info.stream {
        operation["x-websocket"] = json!({
            "client_message": schemas.request,
            "server_message": schemas.response,
        });
    } else if info.method != http::Method::GET {
        operation["requestBody"] = json!({
            "content": {"application/json": {"schema": schemas.request}},
        });
    }
    operation
}

fn success_status(info: &EndpointInfo) -> String {
    if info.stream {
        "101".to_owned()
    } else {
        info.success.as_str().to_owned()
    }
}

fn success(info: &EndpointInfo, schema: &Schema) -> Value {
    if info.stream {
        return json!({"description": "The WebSocket is open."});
    }
    if info.success == http::StatusCode::NO_CONTENT {
        return json!({"description": "Done."});
    }
    if info.text {
        let content = json!({"text/plain": {"schema": {"type": "string"}}});
        return json!({"description": "Done.", "content": content});
    }
    json!({"description": "Done.", "content": {"application/json": {"schema": schema}}})
}

/// Turns each property of an object schema into a parameter.
fn parameters(generator: &SchemaGenerator, schema: Schema, place: &str) -> Vec<Value> {
    let schema = schema.to_value();
    let schema = match schema["$ref"]
        .as_str()
        .and_then(|path| path.rsplit('/').next())
    {
        Some(name) => generator
            .definitions()
            .get(name)
            .cloned()
            .unwrap_or_default(),
        None => schema,
    };
    let required: Vec<&str> = schema["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let Some(properties) = schema["properties"].as_object() else {
        return Vec::new();
    };
    properties
        .iter()
        .map(|(name, property)| {
            json!({
                "name": name,
                "in": place,
                "required": place == "path" || required.contains(&name.as_str()),
                "description": property["description"],
                "schema": property,
            })
        })
        .collect()
}

/// The last noun of the path.
fn tag(info: &EndpointInfo) -> &'static str {
    info.path
        .split('/')
        .rfind(|segment| {
            [
                "api-token",
                "session",
                "setup",
                "workspace",
                "deployment",
                "runner",
            ]
            .contains(segment)
        })
        .unwrap_or("server")
}

fn security(access: Access) -> Value {
    match access {
        Access::Public => json!([]),
        Access::SignedIn => json!([{"session": []}]),
        Access::Permission { .. } => json!([{"session": []}, {"api_token": []}]),
        Access::Runner => json!([{"runner_token": []}]),
    }
}
