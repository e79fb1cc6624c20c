//! `GET /machine-type`

use models::api::machine_type::{ListMachineTypes, ListMachineTypesResponse};

use crate::{error::AppError, http::Ctx, services};

/// Lists the machine types that the server offers.
pub async fn list_machine_types(
    ctx: Ctx<ListMachineTypes>,
) -> Result<ListMachineTypesResponse, AppError> {
    let machine_types = services::machine_type::list(&ctx.app);
    Ok(ListMachineTypesResponse { machine_types })
}
