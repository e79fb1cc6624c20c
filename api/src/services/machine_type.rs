//! Machine types: named sizes of instances.

use models::{
    deployment::{Resources, Spec},
    error::{ApiError, FieldError},
    machine_type::MachineType,
    value::ResourceName,
};

use crate::{app::App, config::Offered, error::AppError};

/// Lists the machine types that the server offers.
pub fn list(app: &App) -> Vec<MachineType> {
    let offered = app.config.machine_types.offered.iter();
    offered.map(Offered::machine_type).collect()
}

/// Applies a machine type to a specification, if one was chosen.
pub(super) fn resolve(
    app: &App,
    chosen: Option<&ResourceName>,
    spec: Spec,
) -> Result<Spec, AppError> {
    let Some(chosen) = chosen else {
        return Ok(spec);
    };
    let Some(machine_type) = app.config.machine_types.find(chosen) else {
        return Err(wrong(
            "This machine type does not exist. Choose another one.",
        ));
    };
    let resources = machine_type.resources;
    // Explicit resources that differ from the machine type are ambiguous.
    if spec.resources != Resources::default() && spec.resources != resources {
        return Err(wrong(
            "The size of this machine type differs from the given values. Choose custom values, or \
             leave them empty.",
        ));
    }
    Ok(Spec { resources, ..spec })
}

fn wrong(message: &str) -> AppError {
    let field = FieldError {
        field: "machine_type".to_owned(),
        message: message.to_owned(),
    };
    ApiError::invalid(vec![field]).into()
}
