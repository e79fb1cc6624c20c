//! Registry credentials for pulls: sent with each pull, and stored nowhere.

use bollard::{BollardRequest, Docker, auth::DockerCredentials};
use http::{HeaderName, HeaderValue};
use models::{runner::RegistryCredential, value::ImageReference};

/// Header that carries a pull's credential to the engine.
const HEADER: HeaderName = HeaderName::from_static("x-registry-auth");

/// The engine's name for the registry of images that name no host.
///
/// With `docker.io`, some engines take a credential for another registry's.
const DEFAULT_REGISTRY: &str = "https://index.docker.io/v1/";

/// Returns the credential for the pull of an image.
///
/// `None` when it is for another registry than the image's: the engine would show it to
/// whatever host the image names.
pub(crate) fn for_pull(
    image: &ImageReference,
    credential: Option<&RegistryCredential>,
) -> Option<DockerCredentials> {
    let credential = credential.filter(|credential| credential.host == image.registry())?;
    let server = if credential.host.is_default_registry() {
        DEFAULT_REGISTRY
    } else {
        credential.host.as_str()
    };
    Some(DockerCredentials {
        username: Some(credential.user_name.to_string()),
        password: Some(credential.password.expose().to_owned()),
        serveraddress: Some(server.to_owned()),
        ..DockerCredentials::default()
    })
}

/// Returns a client whose credentials the engine can read, whatever they contain.
///
/// Bollard writes them in the standard alphabet of base64, but the engine reads the URL-safe
/// one (RFC 4648 §5), and pulls without any credential when it finds another character: about
/// one password with punctuation in four would be lost.
pub(crate) fn readable(docker: &Docker) -> Docker {
    docker.clone().with_request_modifier(in_the_right_alphabet)
}

fn in_the_right_alphabet(mut request: BollardRequest) -> BollardRequest {
    if let Some(header) = request.headers_mut().get_mut(HEADER) {
        let safe = header.as_bytes().iter().map(|byte| match byte {
            b'+' => b'-',
            b'/' => b'_',
            other => *other,
        });
        if let Ok(mut readable) = HeaderValue::from_bytes(&safe.collect::<Vec<_>>()) {
            readable.set_sensitive(true);
            *header = readable;
        }
    }
    request
}

#[cfg(test)]
mod tests {
    use bollard::{BollardRequest, body_full};
    use http::{HeaderValue, Request};
    use models::{
        runner::RegistryCredential,
        value::{ImageReference, RegistryHost, RegistryUserName, SecretText},
    };

    use super::{HEADER, for_pull, in_the_right_alphabet};

    fn credential(host: &str) -> RegistryCredential {
        RegistryCredential {
            host: RegistryHost::new(host).unwrap(),
            user_name: RegistryUserName::new("ada").unwrap(),
            password: SecretText::new("canary"),
        }
    }

    #[test]
    fn a_credential_is_sent_for_its_own_registry_only() {
        let told = |image: &str, host: &str| {
            let image = ImageReference::new(image).unwrap();
            for_pull(&image, Some(&credential(host)))?.serveraddress
        };
        assert_eq!(told("ghcr.io/app:1", "ghcr.io").as_deref(), Some("ghcr.io"));
        assert_eq!(
            told("127.0.0.1:5000/app", "127.0.0.1:5000").as_deref(),
            Some("127.0.0.1:5000")
        );
        let default = Some("https://index.docker.io/v1/");
        assert_eq!(told("app", "docker.io").as_deref(), default);
        assert_eq!(told("index.docker.io/app", "docker.io").as_deref(), default);
        for (image, host) in [
            ("app", "ghcr.io"),
            ("ghcr.io/app", "docker.io"),
            ("ghcr.io.example.org/app", "ghcr.io"),
            ("127.0.0.1:5001/app", "127.0.0.1:5000"),
        ] {
            assert_eq!(told(image, host), None, "{image} with that of {host}");
        }
    }

    #[test]
    fn a_credential_is_encoded_in_the_alphabet_that_the_engine_reads() {
        let mut request: BollardRequest = Request::new(body_full(bytes::Bytes::new()));
        request
            .headers_mut()
            .insert(HEADER, HeaderValue::from_static("ab+/cd=="));
        let request = in_the_right_alphabet(request);
        assert_eq!(request.headers()[HEADER], "ab-_cd==");
        assert!(!format!("{:?}", request.headers()).contains("ab-_"));
    }
}
