//! Endpoints with every key and with as few as possible.
#![expect(unexpected_cfgs, reason = "only `models` has the feature `schema`")]

use macros::declare_api_endpoint;
use models::{
    WorkspaceId,
    endpoint::{Access, ApiEndpoint, Empty, RateClass, Text},
    error::ErrorCode,
    page::{Page, PageQuery},
    rbac::{DeploymentAction, Permission},
    value::{ResourceName, SecretText},
};

declare_api_endpoint! {
    /// Do everything.
    ///
    /// With every key that fits together.
    DoEverything,
    POST "/workspace/{workspace_id}/every-thing" {
        /// The workspace.
        workspace_id: WorkspaceId,
    },
    permission = Deployment::Create on workspace_id,
    rate = Writes,
    audit = "thing.do",
    query = {
        /// From 1 to 3.
        #[garde(range(min = 1, max = 3))]
        depth: Option<u8>,
    },
    request = {
        /// Its name.
        #[garde(dive)]
        name: ResourceName,
        /// A secret.
        #[secret]
        #[garde(dive)]
        key: SecretText,
        /// Said or not.
        note: Option<String>,
    },
    response = 201 {
        /// Said or not.
        note: Option<String>,
    },
    errors = [DeploymentNameTaken],
}

declare_api_endpoint! {
    /// Do nothing.
    DoNothing,
    DELETE "/nothing",
    access = public,
    rate = Credentials,
    audit = "nothing.do",
    response = 204
}

declare_api_endpoint! {
    /// Tell a long story.
    TellStory,
    GET "/story",
    access = public,
    rate = Reads,
    response = 200 text,
}

declare_api_endpoint! {
    /// List what there is.
    ListThings,
    GET "/thing",
    access = signed_in,
    rate = Reads,
    page = String,
}

fn same_type<A, B>(_: fn(A) -> B, _: fn(B) -> A) {}

fn main() {
    let info = DoEverything::INFO;
    assert_eq!(info.name, "DoEverything");
    assert_eq!(info.doc, "Do everything.\n\nWith every key that fits together.");
    assert_eq!((info.method.as_str(), info.path), ("POST", "/workspace/{workspace_id}/every-thing"));
    assert_eq!(info.access, Access::Permission {
        permission: Permission::Deployment(DeploymentAction::Create),
        on: "workspace_id",
    });
    assert_eq!((info.rate, info.audit, info.success.as_u16()), (RateClass::Writes, Some("thing.do"), 201));
    assert_eq!(info.declared_errors, [ErrorCode::DeploymentNameTaken]);
    assert!(!info.paginated && !info.stream);

    let request = DoEverythingRequest {
        name: ResourceName::new("a").unwrap(),
        key: SecretText::new("canary"),
        note: None,
    };
    assert!(!format!("{request:?}").contains("canary"));
    let wire = serde_json::to_string(&request).unwrap();
    assert_eq!(wire, r#"{"name":"a","key":"canary"}"#);
    assert_eq!(serde_json::from_str::<DoEverythingRequest>(&wire).unwrap(), request);
    assert_eq!(serde_json::to_string(&DoEverythingResponse { note: None }).unwrap(), "{}");
    let deep = DoEverythingQuery { depth: Some(4) };
    assert!(garde::Validate::validate(&deep).is_err());

    assert_eq!((DoNothing::INFO.access, DoNothing::INFO.audit), (Access::Public, Some("nothing.do")));
    same_type::<<DoNothing as ApiEndpoint>::Response, Empty>(|a| a, |b| b);

    assert!(TellStory::INFO.text && !DoNothing::INFO.text);
    same_type::<<TellStory as ApiEndpoint>::Response, Text>(|a| a, |b| b);

    assert!(ListThings::INFO.paginated);
    assert_eq!(ListThings::INFO.success.as_u16(), 200);
    same_type::<<ListThings as ApiEndpoint>::Query, PageQuery>(|a| a, |b| b);
    same_type::<<ListThings as ApiEndpoint>::Response, Page<String>>(|a| a, |b| b);
}
