//! Volumes of a workspace.

mod create_volume;
mod delete_volume;
mod forget_volume;
mod get_volume;
mod list_volumes;
mod replace_lost_volume;
mod restore_volume;
mod update_volume;

pub(in crate::routes) use create_volume::create_volume;
pub(in crate::routes) use delete_volume::delete_volume;
pub(in crate::routes) use forget_volume::forget_volume;
pub(in crate::routes) use get_volume::get_volume;
pub(in crate::routes) use list_volumes::list_volumes;
pub(in crate::routes) use replace_lost_volume::replace_lost_volume;
pub(in crate::routes) use restore_volume::restore_volume;
pub(in crate::routes) use update_volume::update_volume;
