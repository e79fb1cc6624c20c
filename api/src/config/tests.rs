use std::{collections::BTreeSet, path::Path};

use figment::{
    Provider,
    providers::{Format, Toml},
    value::{Dict, Value},
};

use super::{Config, OptionalAddress, Sources};

const DEFAULTS: &str = include_str!("../../../config/api.default.toml");

fn load_file(content: &str) -> Result<Config, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("settings.toml");
    std::fs::write(&path, content).unwrap();
    let sources = Sources {
        file: Some(path),
        ..Sources::default()
    };
    sources.load().map_err(|error| error.to_string())
}

fn load_variable(name: &str, value: &str) -> Result<Config, String> {
    let sources = Sources {
        variables: vec![(name.to_owned(), value.to_owned())],
        ..Sources::default()
    };
    sources.load().map_err(|error| error.to_string())
}

#[test]
fn the_default_file_has_every_field() {
    let config = Sources::default().load().unwrap();
    assert_eq!(config.server.public_url(), "http://localhost:3000");
    assert!(matches!(config.metrics.address, OptionalAddress::On(_)));
}

/// Each key of the default file is a field of the structs, and each field a key.
///
/// The structs deny unknown fields, so Serde checks the first half. Without its key no field
/// loads, which checks the second.
#[test]
fn each_key_of_the_default_file_is_needed() {
    fn leaves(settings: &Dict, path: &mut Vec<String>, found: &mut BTreeSet<Vec<String>>) {
        for (key, value) in settings {
            path.push(key.clone());
            match value {
                Value::Dict(_, inner) => leaves(inner, path, found),
                _ => {
                    found.insert(path.clone());
                }
            }
            path.pop();
        }
    }
    fn without(mut settings: Dict, path: &[String]) -> Dict {
        if let [last] = path {
            settings.remove(last);
        } else if let Some(Value::Dict(_, inner)) = settings.get_mut(&path[0]) {
            *inner = without(inner.clone(), &path[1..]);
        }
        settings
    }
    let profiles = Toml::string(DEFAULTS).data().unwrap();
    let settings = &profiles[&figment::Profile::Default];
    let mut paths = BTreeSet::new();
    leaves(settings, &mut Vec::new(), &mut paths);
    assert!(paths.len() > 20);
    for path in paths {
        let fewer = Value::from(without(settings.clone(), &path));
        let error = fewer.deserialize::<Config>().unwrap_err();
        assert!(error.missing(), "{path:?}: {error}");
    }
}

#[test]
fn every_key_of_the_default_file_is_explained() {
    for block in DEFAULTS.split("\n\n") {
        for (before, line) in block.lines().zip(block.lines().skip(1)) {
            // An indented line continues the line above it.
            if line.contains(" = ") && !line.starts_with(['#', ' ']) {
                let explained = before.starts_with('#') || before.contains("per_minute");
                assert!(explained, "{line:?} has no comment above it");
            }
        }
    }
}

#[test]
fn a_later_layer_replaces_an_earlier_one_key_by_key() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("berthd.toml"),
        "[server]\naddress = \"127.0.0.1:4000\"\nbody_limit_bytes = 7\n",
    )
    .unwrap();
    let sources = Sources {
        data_dir: Some(folder.path().to_owned()),
        variables: vec![
            ("BERTH__SERVER__ADDRESS".into(), "127.0.0.1:5000".into()),
            (
                "BERTH__SERVER__TRUSTED_PROXIES".into(),
                "[\"10.0.0.0/8\"]".into(),
            ),
            ("BERTH__SERVER__DATA_DIR".into(), "/elsewhere".into()),
            ("BERTH_MASTER_KEY".into(), "canary".into()),
        ],
        ..Sources::default()
    };
    let config = sources.load().unwrap();
    assert_eq!(config.server.address.port(), 5000);
    assert_eq!(config.server.body_limit_bytes, 7);
    assert!(config.server.trusts("10.1.2.3".parse().unwrap()));
    assert!(!config.server.trusts("192.0.2.1".parse().unwrap()));
    assert_eq!(config.server.data_dir, folder.path());
    assert_eq!(config.master_key.as_ref().unwrap().expose(), "canary");
    assert!(!format!("{config:?}").contains("canary"));
}

#[test]
fn the_public_url_is_written_as_browsers_write_an_origin() {
    for (set, origin) in [
        (
            "https://Berth.Example.com:443/",
            "https://berth.example.com",
        ),
        ("http://berth.example.com:80", "http://berth.example.com"),
        (
            "https://berth.example.com:80",
            "https://berth.example.com:80",
        ),
        ("http://[::1]:3000", "http://[::1]:3000"),
    ] {
        let config = load_variable("BERTH__SERVER__PUBLIC_URL", set).unwrap();
        assert_eq!(config.server.public_url(), origin);
    }
}

#[test]
fn an_unknown_key_is_named_with_its_file() {
    let error = load_file("[server]\nadress = \"127.0.0.1:4000\"\n").unwrap_err();
    assert!(error.contains("`server.adress` in "), "{error}");
    assert!(error.contains("settings.toml"), "{error}");
    assert!(error.contains("`address`"), "{error}");
    let error = load_file("[sever]\n").unwrap_err();
    assert!(error.contains("`sever` in "), "{error}");
}

#[test]
fn an_unknown_variable_is_named() {
    let error = load_variable("BERTH__SERVER__ADRESS", "127.0.0.1:1").unwrap_err();
    assert!(
        error.contains("BERTH__SERVER__ADRESS is not a setting"),
        "{error}"
    );
}

#[test]
fn a_wrong_value_is_named_with_its_place() {
    let error = load_file("[server]\naddress = \"somewhere\"\n").unwrap_err();
    assert!(error.contains("`server.address` in "), "{error}");
    assert!(error.contains("settings.toml"), "{error}");
    let error = load_file("[database]\nmax_connections = \"many\"\n").unwrap_err();
    assert!(error.contains("`database.max_connections` in "), "{error}");
    let error = load_variable("BERTH__JOBS__CONCURRENCY", "0").unwrap_err();
    assert!(error.contains("BERTH__JOBS__CONCURRENCY"), "{error}");
    let error = load_variable("BERTH__SERVER__PUBLIC_URL", "berth.example.com").unwrap_err();
    assert!(error.contains("server.public_url"), "{error}");
    let error = load_variable("BERTH__LOG__FILTER", "loud=very").unwrap_err();
    assert!(error.contains("log.filter"), "{error}");
    let error = load_variable("BERTH__SERVER", "x").unwrap_err();
    assert!(error.contains("BERTH__SERVER"), "{error}");
}

#[test]
fn machine_types_have_one_name_each_and_sizes_that_there_can_be() {
    let offer = |offered| load_file(&format!("[machine_types]\noffered = [{offered}]\n"));
    let config = offer("{name = \"one\", cpu_millis = 10}").unwrap();
    assert_eq!(config.machine_types.offered.len(), 1);
    for (offered, wrong) in [
        (
            "{name = \"a\"}, {name = \"a\"}",
            "a: the name is used twice",
        ),
        ("{name = \"a\", cpu_millis = 9}", "cpu_millis"),
        ("{name = \"a\", memory_mib = 15}", "memory_mib"),
        ("{name = \"Not A Name\"}", "name"),
        ("{name = \"a\", cpus = 1}", "cpus"),
    ] {
        let error = offer(offered).unwrap_err();
        assert!(error.contains("machine_types"), "{error}");
        assert!(error.contains(wrong), "{error}");
    }
}

#[test]
fn a_named_file_must_be_there() {
    let sources = Sources {
        file: Some(Path::new("/nowhere/berthd.toml").to_owned()),
        ..Sources::default()
    };
    assert!(
        sources
            .load()
            .unwrap_err()
            .to_string()
            .contains("/nowhere/berthd.toml")
    );
}

#[test]
fn a_file_with_invalid_toml_is_named() {
    let error = load_file("[server\n").unwrap_err();
    assert!(error.contains("settings.toml"), "{error}");
}

#[test]
fn listeners_can_be_turned_off() {
    let config = load_variable("BERTH__METRICS__ADDRESS", "off").unwrap();
    assert_eq!(config.metrics.address, OptionalAddress::Off);
}
