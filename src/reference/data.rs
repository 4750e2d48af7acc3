//! The folder of `setup.data`: what outlives a deployment, in one JSON file.

use std::path::{Path, PathBuf};
use std::{fs, io};

use serde::{Deserialize, Serialize};
use serde_json::Value;

const FILE: &str = "keyspec-reference.json";

/// Where a deployment left off.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Data {
    /// Its time, in milliseconds since 1970: time does not run backwards for what goes on with its data.
    pub(super) now: i64,
    pub(super) model: Value,
}

#[derive(Debug, thiserror::Error)]
pub(super) enum DataError {
    #[error("{}: {error}", .path.display())]
    Io { path: PathBuf, error: io::Error },
    #[error("{} is not what a deployment left: {error}", .path.display())]
    Broken { path: PathBuf, error: serde_json::Error },
}

/// What was left in the folder; nothing when there is no file yet.
pub(super) fn read(folder: &Path) -> Result<Option<Data>, DataError> {
    let path = folder.join(FILE);
    match fs::read(&path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|error| DataError::Broken { path, error }),
        Err(error) if error.kind() == io::ErrorKind::NotFound && folder.is_dir() => Ok(None),
        Err(error) => Err(DataError::Io { path, error }),
    }
}

/// Leaves it there: all of it, or what was there before.
pub(super) fn write(folder: &Path, data: &Data) -> Result<(), DataError> {
    let (path, draft) = (folder.join(FILE), folder.join(format!("{FILE}.draft")));
    let bytes = serde_json::to_vec(data).map_err(|error| DataError::Broken { path: path.clone(), error })?;
    fs::write(&draft, bytes).and_then(|()| fs::rename(&draft, &path)).map_err(|error| DataError::Io { path, error })
}
