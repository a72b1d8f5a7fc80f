//! The walls of a PostgreSQL database, looked at before the service uses it: whoever owns a table can take them down, so the
//! service's own role owns nothing, and what it may do with each table is what this program needs.

use std::collections::BTreeMap;

use sqlx::{AssertSqlSafe, PgPool, Row as _};

use crate::StoreError;
use crate::migrations::PG_LOCK;

/// What the service's role needs of a table beside reading and adding; every other table: changing.
const DELETES: [&str; 10] = [
    "access_tokens",
    "client_secrets",
    "core_holes",
    "core_residents",
    "failed_tries",
    "log_in_limits",
    "nonces",
    "rights_requests",
    "sessions",
    "sign_ins",
];

/// The privileges that the service's role has on a table with a `tenant` column, in PostgreSQL's words.
pub(crate) fn privileges(table: &str) -> &'static [&'static str] {
    match table {
        "audit" => &["SELECT", "INSERT"],
        table if DELETES.contains(&table) => &["SELECT", "INSERT", "UPDATE", "DELETE"],
        _ => &["SELECT", "INSERT", "UPDATE"],
    }
}

/// Every privilege that there is on a table.
const ALL: [&str; 7] = [
    "SELECT",
    "INSERT",
    "UPDATE",
    "DELETE",
    "TRUNCATE",
    "REFERENCES",
    "TRIGGER",
];

/// The only condition that a policy may have, as PostgreSQL writes it.
const CONDITION: &str = "(tenant = current_setting('genkan.tenant'::text, true))";

/// Gives the service's role what it needs of each table and takes everything else from it, as the tables' owner.
///
/// # Errors
/// [`StoreError::Role`]; the database, when there is no such role.
pub(crate) async fn build(pool: &PgPool, role: &str) -> Result<(), StoreError> {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    let begins = role.bytes().next().is_some_and(|b| b.is_ascii_lowercase());
    if !begins || !role.bytes().all(plain) {
        return Err(StoreError::Role(role.to_owned()));
    }
    let mut tx = pool.begin().await?;
    // Two at once would grant on one table at once.
    sqlx::query("SELECT pg_advisory_xact_lock($1)")
        .bind(PG_LOCK)
        .execute(&mut *tx)
        .await?;
    let tables: Vec<String> = sqlx::query_scalar(TABLES).fetch_all(&mut *tx).await?;
    let mut statements = vec![
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC".to_owned(),
        format!("GRANT USAGE ON SCHEMA public TO {role}"),
        format!("REVOKE ALL ON schema_migrations FROM PUBLIC, {role}"),
        format!("GRANT SELECT ON schema_migrations TO {role}"),
        format!("REVOKE ALL ON health FROM PUBLIC, {role}"),
        format!("GRANT SELECT, INSERT, UPDATE ON health TO {role}"),
    ];
    for table in tables {
        let may = privileges(&table).join(", ");
        statements.push(format!("REVOKE ALL ON {table} FROM PUBLIC, {role}"));
        statements.push(format!("GRANT {may} ON {table} TO {role}"));
    }
    for statement in statements {
        sqlx::raw_sql(AssertSqlSafe(statement))
            .execute(&mut *tx)
            .await?;
    }
    Ok(tx.commit().await?)
}

/// Every table that holds a realm's rows.
const TABLES: &str = "SELECT c.relname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant' \
     WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace ORDER BY 1";

/// Refuses a database whose walls are not as they must be.
///
/// # Errors
/// [`StoreError::Walls`] names everything at fault.
pub(crate) async fn check(pool: &PgPool) -> Result<(), StoreError> {
    let mut faults = role(pool).await?;
    faults.extend(owned(pool).await?);
    faults.extend(row_security(pool).await?);
    faults.extend(policies(pool).await?);
    faults.extend(grants(pool).await?);
    if faults.is_empty() {
        Ok(())
    } else {
        Err(StoreError::Walls(faults))
    }
}

/// The role itself, and every role that it can become.
async fn role(pool: &PgPool) -> Result<Vec<String>, StoreError> {
    let strong: Vec<String> = sqlx::query_scalar(
        "SELECT rolname::text FROM pg_roles WHERE (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication) \
         AND pg_has_role(current_user, oid, 'MEMBER') ORDER BY 1",
    )
    .fetch_all(pool)
    .await?;
    let fault = |name: String| {
        format!(
            "role {name:?} may do more than its work (SUPERUSER, BYPASSRLS, CREATEROLE, CREATEDB or REPLICATION)"
        )
    };
    Ok(strong.into_iter().map(fault).collect())
}

/// What the role, or one that it can become, owns: an owner takes any wall down.
async fn owned(pool: &PgPool) -> Result<Vec<String>, StoreError> {
    let owned: Vec<String> = sqlx::query_scalar(
        "SELECT 'table ' || relname FROM pg_class WHERE relkind IN ('r', 'p', 'v') \
         AND relnamespace = current_schema()::regnamespace AND pg_has_role(current_user, relowner, 'MEMBER') \
         UNION ALL SELECT 'schema ' || nspname FROM pg_namespace WHERE nspname = current_schema() \
         AND (pg_has_role(current_user, nspowner, 'MEMBER') OR has_schema_privilege(current_user, oid, 'CREATE')) \
         UNION ALL SELECT 'database ' || datname FROM pg_database WHERE datname = current_database() \
         AND pg_has_role(current_user, datdba, 'MEMBER') ORDER BY 1",
    )
    .fetch_all(pool)
    .await?;
    let fault = |what: String| format!("the service's role owns {what}, or may create in it");
    Ok(owned.into_iter().map(fault).collect())
}

async fn row_security(pool: &PgPool) -> Result<Vec<String>, StoreError> {
    let open: Vec<String> = sqlx::query_scalar(
        "SELECT c.relname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant' \
         WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace \
         AND NOT (c.relrowsecurity AND c.relforcerowsecurity) ORDER BY 1",
    )
    .fetch_all(pool)
    .await?;
    let fault =
        |table: String| format!("table {table}: row-level security is not enabled and forced");
    Ok(open.into_iter().map(fault).collect())
}

/// One policy for each command, none of which lets more through than a realm's own rows.
async fn policies(pool: &PgPool) -> Result<Vec<String>, StoreError> {
    let rows = sqlx::query(
        "SELECT c.relname::text AS name, coalesce(p.cmd, '') AS cmd, coalesce(p.qual, p.with_check, '') AS condition, \
         coalesce(p.with_check, p.qual, '') AS checked, coalesce(p.roles::text, '') AS roles \
         FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant' \
         LEFT JOIN pg_policies p ON p.tablename = c.relname AND p.schemaname = current_schema() \
         WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace ORDER BY 1, 2",
    )
    .fetch_all(pool)
    .await?;
    let (mut found, mut faults) = (BTreeMap::<String, Vec<String>>::new(), Vec::new());
    for row in rows {
        let (table, command): (String, String) = (row.try_get("name")?, row.try_get("cmd")?);
        let conditions: [String; 2] = [row.try_get("condition")?, row.try_get("checked")?];
        let commands = found.entry(table.clone()).or_default();
        if !command.is_empty() {
            if conditions.iter().any(|one| one != CONDITION) {
                faults.push(format!(
                    "table {table}: a policy for {command} lets other rows through"
                ));
            }
            commands.push(command);
        }
    }
    for (table, commands) in found {
        let expected: &[&str] = match table.as_str() {
            "audit" => &["INSERT", "SELECT"],
            _ => &["DELETE", "INSERT", "SELECT", "UPDATE"],
        };
        if commands != expected {
            faults.push(format!(
                "table {table}: policies for {commands:?}, expected {expected:?}"
            ));
        }
    }
    Ok(faults)
}

async fn grants(pool: &PgPool) -> Result<Vec<String>, StoreError> {
    let tables: Vec<String> = sqlx::query_scalar(TABLES).fetch_all(pool).await?;
    let mut faults = Vec::new();
    for table in tables {
        let may = privileges(&table);
        for privilege in ALL {
            let has: bool =
                sqlx::query_scalar("SELECT has_table_privilege(current_user, $1::regclass, $2)")
                    .bind(&table)
                    .bind(privilege)
                    .fetch_one(pool)
                    .await?;
            match (may.contains(&privilege), has) {
                (true, false) => faults.push(format!(
                    "table {table}: the service's role may not {privilege}"
                )),
                (false, true) => {
                    faults.push(format!("table {table}: the service's role may {privilege}"))
                }
                _ => {}
            }
        }
    }
    Ok(faults)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::DELETES;

    /// Every table that a statement of this package deletes from.
    fn deleted_from(folder: &Path, tables: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                deleted_from(&path, tables);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            for rest in text.split("\"DELETE FROM ").skip(1) {
                let name = rest.split(|c: char| c != '_' && !c.is_ascii_lowercase());
                tables.extend(name.take(1).map(str::to_owned));
            }
        }
    }

    #[test]
    fn the_services_role_may_delete_where_this_program_does() {
        let mut tables = BTreeSet::new();
        deleted_from(
            &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
            &mut tables,
        );
        // Of the owner, who brings the schema up to date.
        tables.remove("schema_migrations");
        // This file's own search.
        tables.remove("");
        let may: BTreeSet<String> = DELETES.iter().map(|&name| name.to_owned()).collect();
        assert_eq!(may, tables);
    }
}
