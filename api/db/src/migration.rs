//! Migrations, in pairs: each step has one text for SQLite and one for PostgreSQL.

use sqlx::{
    Executor, PgPool, SqlSafeStr, SqliteConnection,
    migrate::{MigrateError, Migration, MigrationType, Migrator},
};

use super::OpenError;

/// One step of the schema.
struct Step {
    version: i64,
    name: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

macro_rules! step {
    ($version:literal, $name:literal) => {
        Step {
            version: $version,
            name: $name,
            sqlite: include_str!(concat!(
                "../migrations/sqlite/000",
                $version,
                "_",
                $name,
                ".sql"
            )),
            postgres: include_str!(concat!(
                "../migrations/postgres/000",
                $version,
                "_",
                $name,
                ".sql"
            )),
        }
    };
}

/// Every step. A released step never changes; only later steps follow it.
const STEPS: &[Step] = &[
    step!(1, "initial"),
    step!(2, "lost_volumes"),
    step!(3, "actor_kind"),
    step!(4, "names"),
    step!(5, "runs"),
    step!(6, "api_tokens"),
    step!(7, "environments"),
];

/// Migrates a SQLite file to the newest schema.
///
/// Foreign keys are off meanwhile: a step that replaces a table would otherwise delete the rows
/// that refer to it, and the pragma does nothing inside a step's transaction
/// (<https://sqlite.org/lang_altertable.html#otheralter>). Such a step checks them itself at its end.
pub(super) async fn run_on_sqlite(connection: &mut SqliteConnection) -> Result<(), OpenError> {
    run_steps_on_sqlite(migrator(|step| step.sqlite), connection)
        .await
        .map_err(OpenError::Migrate)
}

async fn run_steps_on_sqlite(
    steps: Migrator,
    connection: &mut SqliteConnection,
) -> Result<(), MigrateError> {
    connection.execute("PRAGMA foreign_keys = OFF").await?;
    steps.run(&mut *connection).await?;
    connection.execute("PRAGMA foreign_keys = ON").await?;
    Ok(())
}

/// Migrates a PostgreSQL database to the newest schema.
///
/// A lock keeps servers that start at once from migrating twice.
pub(super) async fn run_on_postgres(pool: &PgPool) -> Result<(), OpenError> {
    let migrated = migrator(|step| step.postgres).run(pool).await;
    migrated.map_err(OpenError::Migrate)
}

/// The texts that [`run_on_postgres`] runs, in order.
pub(super) fn postgres_texts() -> impl Iterator<Item = &'static str> {
    STEPS.iter().map(|step| step.postgres)
}

fn migrator(sql: fn(&Step) -> &'static str) -> Migrator {
    let migration = |step: &Step| {
        Migration::new(
            step.version,
            step.name.into(),
            MigrationType::Simple,
            sql(step).into_sql_str(),
            false,
        )
    };
    Migrator::with_migrations(STEPS.iter().map(migration).collect())
}

#[cfg(test)]
mod tests;
