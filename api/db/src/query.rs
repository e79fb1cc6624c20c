//! Macros that run one SQL text on either database.
//!
//! `fetch_all!(source, Row, SQL, argument, …)` returns `Result<Vec<Row>, StoreError>`;
//! `fetch_optional!` returns an `Option`, and `fetch_one!` fails with `StoreError::NotFound`
//! without a row. The source is a `Db`, a `Snapshot`, a `Tx` or a `Source`. `execute!(tx, SQL,
//! argument, …)` returns the number of changed rows and takes only a `Tx`; `execute_with!`
//! binds a slice. Each expands to an expression that awaits, so it needs an `async` function.
//!
//! `statements! { NAME = "…"; }` defines SQL constants. Tests prepare each of them on both
//! databases, so all SQL belongs there.

/// Runs a reading or `RETURNING` statement with one of sqlx's `fetch_…` methods.
#[doc(hidden)]
#[macro_export]
macro_rules! fetch {
    ($method:ident, $source:expr, $row:ty, $sql:expr $(, $argument:expr)* $(,)?) => {
        match $source.connection().await {
            Ok($crate::__private::Connection::Sqlite(mut connection)) => {
                let running = $crate::__private::query_as::<$crate::__private::Sqlite, $row>($sql)
                    $(.bind($argument))*
                    .$method(&mut *connection);
                $crate::__private::run_statement(running)
                    .await
                    .map_err($crate::StoreError::from)
            }
            Ok($crate::__private::Connection::Postgres(mut connection)) => {
                $crate::__private::query_as::<$crate::__private::Postgres, $row>($sql)
                    $(.bind($argument))*
                    .$method(&mut *connection)
                    .await
                    .map_err($crate::StoreError::from)
            }
            Err(error) => Err(error),
        }
    };
}

/// Reads every row, as a `Vec`.
#[macro_export]
macro_rules! fetch_all {
    ($($input:tt)*) => { $crate::fetch!(fetch_all, $($input)*) };
}

/// Reads one row, or `None`.
#[macro_export]
macro_rules! fetch_optional {
    ($($input:tt)*) => { $crate::fetch!(fetch_optional, $($input)*) };
}

/// Reads one row, or fails with `StoreError::NotFound`.
#[macro_export]
macro_rules! fetch_one {
    ($($input:tt)*) => { $crate::fetch!(fetch_one, $($input)*) };
}

/// Runs a statement in a transaction, and returns the number of changed rows.
#[macro_export]
macro_rules! execute {
    ($tx:expr, $sql:expr $(, $argument:expr)* $(,)?) => {
        match $tx.writer().await {
            $crate::__private::Connection::Sqlite(mut connection) => {
                let running = $crate::__private::query::<$crate::__private::Sqlite>($sql)
                    $(.bind($argument))*
                    .execute(&mut *connection);
                $crate::__private::run_statement(running)
                    .await
                    .map(|done| done.rows_affected())
                    .map_err($crate::StoreError::from)
            }
            $crate::__private::Connection::Postgres(mut connection) => {
                $crate::__private::query::<$crate::__private::Postgres>($sql)
                    $(.bind($argument))*
                    .execute(&mut *connection)
                    .await
                    .map(|done| done.rows_affected())
                    .map_err($crate::StoreError::from)
            }
        }
    };
}

/// Like `execute!`, with one argument and then those of a slice.
#[macro_export]
macro_rules! execute_with {
    ($tx:expr, $sql:expr, $first:expr, $rest:expr) => {
        match $tx.writer().await {
            $crate::__private::Connection::Sqlite(mut connection) => {
                let query =
                    $crate::__private::query::<$crate::__private::Sqlite>($sql).bind($first);
                let query = $rest.iter().fold(query, |query, value| query.bind(*value));
                let done = $crate::__private::run_statement(query.execute(&mut *connection)).await;
                done.map(|done| done.rows_affected())
                    .map_err($crate::StoreError::from)
            }
            $crate::__private::Connection::Postgres(mut connection) => {
                let query =
                    $crate::__private::query::<$crate::__private::Postgres>($sql).bind($first);
                let query = $rest.iter().fold(query, |query, value| query.bind(*value));
                let done = query.execute(&mut *connection).await;
                done.map(|done| done.rows_affected())
                    .map_err($crate::StoreError::from)
            }
        }
    };
}

/// The SQL condition of a release in progress, for the column of its phase.
///
/// The text is that of the partial index `release_deployment_id_idx`, so that SQLite uses it.
#[macro_export]
macro_rules! is_under_way {
    ($phase:literal) => {
        concat!(
            $phase,
            " NOT IN ('live', 'failed', 'cancelled', 'superseded')"
        )
    };
}

/// Defines SQL constants: `statements! { NAME = "…"; }`.
///
/// In tests, the module also has the list `ALL` of them, which a test of its crate prepares with
/// [`testing::prepare`](crate::testing::prepare).
#[macro_export]
macro_rules! statements {
    ($($name:ident = $sql:expr;)*) => {
        $(const $name: &str = $sql;)*

        /// Every statement of this module, for the test that prepares them all.
        #[cfg(test)]
        pub(crate) const ALL: &[(&str, &str)] = &[$((stringify!($name), $name),)*];
    };
}
