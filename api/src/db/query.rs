//! Macros that run one SQL text on either database.
//!
//! `fetch_all!(source, Row, SQL, argument, …)` returns `Result<Vec<Row>, StoreError>`;
//! `fetch_optional!` returns an `Option`, and `fetch_one!` fails with `StoreError::NotFound`
//! without a row. The source is a `Db`, a `Snapshot`, a `Tx` or a `Source`. `execute!(tx, SQL,
//! argument, …)` returns the number of changed rows and takes only a `Tx`; `execute_with!`
//! binds a slice. Each expands to an expression that awaits, so it needs an `async` function.
//!
//! `statements! { NAME = "…"; }` defines SQL constants. A test prepares each of them on both
//! databases, so all SQL belongs there.

/// Runs a reading or `RETURNING` statement with one of sqlx's `fetch_…` methods.
macro_rules! fetch {
    ($method:ident, $source:expr, $row:ty, $sql:expr $(, $argument:expr)* $(,)?) => {
        match $source.connection().await {
            Ok($crate::db::Connection::Sqlite(mut connection)) => {
                let running = sqlx::query_as::<sqlx::Sqlite, $row>($sql)
                    $(.bind($argument))*
                    .$method(&mut *connection);
                $crate::blocking::run_statement(running)
                    .await
                    .map_err($crate::db::StoreError::from)
            }
            Ok($crate::db::Connection::Postgres(mut connection)) => {
                sqlx::query_as::<sqlx::Postgres, $row>($sql)
                    $(.bind($argument))*
                    .$method(&mut *connection)
                    .await
                    .map_err($crate::db::StoreError::from)
            }
            Err(error) => Err(error),
        }
    };
}

macro_rules! fetch_all {
    ($($input:tt)*) => { $crate::db::fetch!(fetch_all, $($input)*) };
}

macro_rules! fetch_optional {
    ($($input:tt)*) => { $crate::db::fetch!(fetch_optional, $($input)*) };
}

macro_rules! fetch_one {
    ($($input:tt)*) => { $crate::db::fetch!(fetch_one, $($input)*) };
}

macro_rules! execute {
    ($tx:expr, $sql:expr $(, $argument:expr)* $(,)?) => {
        match $tx.writer().await {
            $crate::db::Connection::Sqlite(mut connection) => {
                let running = sqlx::query::<sqlx::Sqlite>($sql)
                    $(.bind($argument))*
                    .execute(&mut *connection);
                $crate::blocking::run_statement(running)
                    .await
                    .map(|done| done.rows_affected())
                    .map_err($crate::db::StoreError::from)
            }
            $crate::db::Connection::Postgres(mut connection) => {
                sqlx::query::<sqlx::Postgres>($sql)
                    $(.bind($argument))*
                    .execute(&mut *connection)
                    .await
                    .map(|done| done.rows_affected())
                    .map_err($crate::db::StoreError::from)
            }
        }
    };
}

/// Like `execute!`, with one argument and then those of a slice.
macro_rules! execute_with {
    ($tx:expr, $sql:expr, $first:expr, $rest:expr) => {
        match $tx.writer().await {
            $crate::db::Connection::Sqlite(mut connection) => {
                let query = sqlx::query::<sqlx::Sqlite>($sql).bind($first);
                let query = $rest.iter().fold(query, |query, value| query.bind(*value));
                let done = $crate::blocking::run_statement(query.execute(&mut *connection)).await;
                done.map(|done| done.rows_affected())
                    .map_err($crate::db::StoreError::from)
            }
            $crate::db::Connection::Postgres(mut connection) => {
                let query = sqlx::query::<sqlx::Postgres>($sql).bind($first);
                let query = $rest.iter().fold(query, |query, value| query.bind(*value));
                let done = query.execute(&mut *connection).await;
                done.map(|done| done.rows_affected())
                    .map_err($crate::db::StoreError::from)
            }
        }
    };
}

/// The SQL condition of a release in progress, for the column of its phase.
///
/// The text is that of the partial index `release_deployment_id_idx`, so that SQLite uses it.
macro_rules! is_under_way {
    ($phase:literal) => {
        concat!(
            $phase,
            " NOT IN ('live', 'failed', 'cancelled', 'superseded')"
        )
    };
}

macro_rules! statements {
    ($($name:ident = $sql:expr;)*) => {
        $(const $name: &str = $sql;)*

        /// Every statement of this module, for the test that prepares them all.
        #[cfg(test)]
        pub(crate) const ALL: &[(&str, &str)] = &[$((stringify!($name), $name),)*];
    };
}

pub(crate) use {
    execute, execute_with, fetch, fetch_all, fetch_one, fetch_optional, is_under_way, statements,
};
