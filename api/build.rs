//! Embeds the dashboard anew whenever it was built anew.

use std::{fs, io, path::Path};

fn main() -> io::Result<()> {
    let site = Path::new("../target/site/pkg");
    // A folder that is missing would count as changed at every build.
    fs::create_dir_all(site)?;
    println!("cargo:rerun-if-changed={}", site.display());
    Ok(())
}
