//! Progress of a pull, over all layers.

use std::collections::HashMap;

use bollard::models::CreateImageInfo;
use runner_common::PullStatus;

/// Adds up the engine's messages on each layer.
#[derive(Debug, Default)]
pub(crate) struct Layers(HashMap<String, PullStatus>);

impl Layers {
    /// Records a message; returns the sum if it changed.
    pub(crate) fn note(&mut self, info: CreateImageInfo) -> Option<PullStatus> {
        let id = info.id?;
        match info.status.as_deref() {
            Some("Downloading") => {
                let detail = info.progress_detail?;
                let bytes = |count: Option<i64>| count.and_then(|n| n.try_into().ok());
                let done_bytes = bytes(detail.current)?;
                // A registry need not name the size of a layer.
                let total_bytes = bytes(detail.total).unwrap_or(done_bytes);
                let layer = PullStatus {
                    done_bytes,
                    total_bytes: total_bytes.max(done_bytes),
                };
                self.0.insert(id, layer);
            }
            Some("Verifying Checksum" | "Download complete") => {
                let layer = self.0.get_mut(&id)?;
                layer.done_bytes = layer.total_bytes;
            }
            _ => return None,
        }
        Some(self.sum())
    }

    fn sum(&self) -> PullStatus {
        let layers = self.0.values();
        layers.fold(PullStatus::default(), |sum, layer| PullStatus {
            done_bytes: sum.done_bytes + layer.done_bytes,
            total_bytes: sum.total_bytes + layer.total_bytes,
        })
    }
}

#[cfg(test)]
mod tests {
    use bollard::models::{CreateImageInfo, ProgressDetail};
    use runner_common::PullStatus;

    use super::Layers;

    fn info(id: &str, status: &str, bytes: Option<(i64, i64)>) -> CreateImageInfo {
        CreateImageInfo {
            id: Some(id.to_owned()),
            status: Some(status.to_owned()),
            progress_detail: bytes.map(|(current, total)| ProgressDetail {
                current: Some(current),
                total: Some(total),
            }),
            ..CreateImageInfo::default()
        }
    }

    #[test]
    fn layers_add_up_and_never_go_back() {
        let mut layers = Layers::default();
        let mut note = |id, status, bytes| {
            let sum = layers.note(info(id, status, bytes))?;
            let PullStatus {
                done_bytes,
                total_bytes,
            } = sum;
            Some((done_bytes, total_bytes))
        };
        assert_eq!(note("a", "Pulling fs layer", None), None);
        assert_eq!(note("a", "Downloading", Some((10, 100))), Some((10, 100)));
        assert_eq!(note("b", "Downloading", Some((5, 50))), Some((15, 150)));
        assert_eq!(note("a", "Download complete", None), Some((105, 150)));
        assert_eq!(note("a", "Extracting", Some((1, 100))), None);
        assert_eq!(note("c", "Download complete", None), None);
    }
}
