//! Corpus of a target: its seeds and the cases found.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

use crate::Target;

/// The stored inputs of a target.
#[derive(Clone, Debug)]
pub struct Corpus {
    folder: PathBuf,
    /// The inputs: seeds and found cases.
    pub inputs: Vec<Vec<u8>>,
}

impl Corpus {
    /// Reads the corpus of a target below a folder, including its seeds.
    ///
    /// # Errors
    /// If a folder or a file cannot be read.
    pub fn read(below: &Path, target: &Target) -> io::Result<Self> {
        let folder = below.join(target.name);
        let mut inputs: Vec<Vec<u8>> = target
            .seeds
            .iter()
            .map(|seed| seed.as_bytes().into())
            .collect();
        if folder.is_dir() {
            let entries = fs::read_dir(&folder)?.collect::<io::Result<Vec<_>>>()?;
            let mut paths: Vec<PathBuf> = entries.iter().map(fs::DirEntry::path).collect();
            paths.sort();
            for path in paths {
                inputs.push(fs::read(path)?);
            }
        }
        Ok(Self { folder, inputs })
    }

    /// Stores an input under a name derived from its content.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn keep(&self, input: &[u8]) -> io::Result<PathBuf> {
        fs::create_dir_all(&self.folder)?;
        let name = format!("{:x}", Sha256::digest(input));
        let path = self.folder.join(name.get(..16).unwrap_or(&name));
        fs::write(&path, input)?;
        Ok(path)
    }
}
