//! The volumes of a workspace.

mod create_volume;
mod delete_volume;
mod forget_volume;
mod get_volume;
mod list_volumes;
mod replace_lost_volume;
mod restore_volume;
mod update_volume;

pub use create_volume::*;
pub use delete_volume::*;
pub use forget_volume::*;
pub use get_volume::*;
pub use list_volumes::*;
pub use replace_lost_volume::*;
pub use restore_volume::*;
pub use update_volume::*;
