//! Routes: the requests that reach an app.

use std::collections::HashSet;

use garde::Validate;
use serde::{Deserialize, Serialize};

use super::RunnerSpec;
use crate::value::{Hostname, PathPrefix};

/// The most routes of one deployment.
pub const MAX_ROUTES: usize = 50;

/// A route: requests for a host, below a path, go to an HTTP port of the app.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Route {
    /// The host of the request.
    #[garde(dive)]
    pub host: Hostname,
    /// The start of the request's path; all paths when left out. The longest match wins.
    #[garde(dive)]
    #[serde(default = "PathPrefix::root")]
    pub path: PathPrefix,
    /// The number of the port inside the instance.
    #[garde(range(min = 1))]
    pub port: u16,
}

/// Checks that routes lead to HTTP ports, and no two of them get the same requests.
pub(super) fn lead_to_ports(
    spec: &RunnerSpec,
) -> impl FnOnce(&Vec<Route>, &()) -> garde::Result + '_ {
    move |routes, (): &()| {
        let is_http = |number| {
            let mut ports = spec.ports.iter();
            ports.any(|port| port.number == number && port.is_http())
        };
        let mut seen = HashSet::new();
        for route in routes {
            if !is_http(route.port) {
                let message = format!("The app has no HTTP port {}.", route.port);
                return Err(garde::Error::new(message));
            }
            if !seen.insert((&route.host, &route.path)) {
                let message = format!("There are two routes for {}{}.", route.host, route.path);
                return Err(garde::Error::new(message));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use garde::Validate;
    use serde_json::{Value, json};

    use super::MAX_ROUTES;
    use crate::runner::WorkloadRelease;

    /// Returns the complaints about a release with these routes.
    fn wrong(routes: &[Value]) -> String {
        let release: WorkloadRelease = serde_json::from_value(json!({
            "release_id": "01890000-0000-7000-8000-000000000001",
            "live": true,
            "spec": {
                "image": "app",
                "ports": [{"number": 80}, {"number": 25, "protocol": "tcp"}],
            },
            "routes": routes,
        }))
        .unwrap();
        let report = release.validate().err();
        report.map_or_else(String::new, |report| report.to_string())
    }

    #[test]
    fn a_route_leads_to_an_http_port_of_the_app() {
        assert_eq!(wrong(&[json!({"host": "a.org", "port": 80})]), "");
        for port in [25, 81] {
            let found = wrong(&[json!({"host": "a.org", "port": port})]);
            assert!(found.contains(&format!("no HTTP port {port}")), "{found}");
        }
        assert!(wrong(&[json!({"host": "a b", "port": 80})]).contains("host name"));
        assert!(wrong(&[json!({"host": "a", "path": "b", "port": 80})]).contains("path"));
    }

    #[test]
    fn no_two_routes_are_for_the_same_requests() {
        let routes = ["/", "/b"].map(|path| json!({"host": "a.org", "path": path, "port": 80}));
        assert_eq!(wrong(&routes), "");
        let same = json!({"host": "A.ORG.", "port": 80});
        let found = wrong(&[routes[0].clone(), same]);
        assert!(found.contains("two routes for a.org/"), "{found}");
    }

    #[test]
    fn routes_are_counted() {
        let routes = |count: usize| {
            let route = |number| json!({"host": format!("a{number}.org"), "port": 80});
            (0..count).map(route).collect::<Vec<_>>()
        };
        assert_eq!(wrong(&routes(MAX_ROUTES)), "");
        assert!(wrong(&routes(MAX_ROUTES + 1)).starts_with("routes: "));
    }
}
