//! Names the folder of the dashboard's files and re-embeds them when they change.
//!
//! Each way of building has its own folder, so that none makes another one build again.

#![expect(
    clippy::disallowed_methods,
    reason = "Cargo tells build scripts everything in the environment"
)]

use std::{env, error::Error, fs, io, path::Path};

/// Folder of `cargo leptos`, which `Cargo.toml` names too.
const OF_CARGO_LEPTOS: &str = "leptos";

fn main() -> Result<(), Box<dyn Error>> {
    let output = env::var("OUT_DIR")?;
    let output = Path::new(&output);
    // A debug build reads the files when it starts: neither they nor who builds it changes it.
    let is_debug = env::var("PROFILE")? == "debug";
    let way = if is_debug || env::var_os("LEPTOS_SITE_ROOT").is_some() {
        OF_CARGO_LEPTOS
    } else {
        profile(output)?
    };
    let site = format!("../../target/site/{way}/pkg");
    // A folder that is missing would count as changed at every build.
    fs::create_dir_all(&site)?;
    write(&output.join("site.rs"), &site)?;

    println!("cargo:rerun-if-changed=build.rs");
    if !is_debug {
        println!("cargo:rerun-if-changed={site}");
        println!("cargo:rerun-if-env-changed=LEPTOS_SITE_ROOT");
    }
    Ok(())
}

/// Cargo's profile, which has no variable: `PROFILE` knows two of them only.
fn profile(output: &Path) -> io::Result<&str> {
    // `<profile>/build/<package>/out`
    let folder = output.ancestors().nth(3).and_then(Path::file_name);
    folder
        .and_then(|name| name.to_str())
        .ok_or_else(|| io::Error::other("OUT_DIR is not in the folder of a profile"))
}

/// Writes the type of the files; the macro takes no path but a literal one.
fn write(path: &Path, site: &str) -> io::Result<()> {
    let text = format!(
        "/// Files that browsers load; none when the dashboard was not built yet.\n\
         #[derive(rust_embed::RustEmbed)]\n\
         #[folder = {site:?}]\n\
         #[allow_missing = true]\n\
         struct Built;\n"
    );
    fs::write(path, text)
}
