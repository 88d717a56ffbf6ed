//! Whether the user with which the accounts are read could also write there: it should not.

use super::place::{Kind, Place};
use super::session::Session;

/// A table of PostgreSQL that may be written to, if there is one.
const POSTGRES: &str = "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
     WHERE c.relkind IN ('r', 'p') AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%' \
     AND has_schema_privilege(n.oid, 'USAGE') \
     AND (has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE') OR pg_has_role(c.relowner, 'USAGE')) \
     ORDER BY 1 LIMIT 1";

/// Privileges of MySQL with which something can be changed.
const WRITES: [&str; 9] = ["ALL PRIVILEGES", "INSERT", "UPDATE", "DELETE", "CREATE", "DROP", "ALTER", "TRIGGER", "SUPER"];

/// What the user may write to; `None`: nothing, or it is a file, which is opened read-only.
///
/// # Errors
/// The database's own.
pub(super) async fn writable(session: &mut Session, place: &Place) -> Result<Option<String>, sqlx::Error> {
    let mut found = Vec::new();
    let sql = match place.kind() {
        Kind::Sqlite => return Ok(None),
        Kind::Postgres => POSTGRES,
        Kind::MySql => "SHOW GRANTS",
    };
    session.each(sql, |row| found.extend(row.first_text())).await?;
    Ok(if place.kind() == Kind::MySql { found.iter().find_map(|grant| granted(grant)) } else { found.pop() })
}

/// What a line of SHOW GRANTS allows to be changed: `INSERT on erp.*`.
fn granted(grant: &str) -> Option<String> {
    let (privileges, rest) = grant.strip_prefix("GRANT ")?.split_once(" ON ")?;
    let object = rest.split(" TO ").next().unwrap_or_default().replace('`', "");
    let mut depth = 0;
    // Columns stand in parentheses behind a privilege.
    let bare: String = privileges
        .chars()
        .filter(|c| {
            depth += i32::from(*c == '(');
            let keep = depth == 0;
            depth -= i32::from(*c == ')');
            keep
        })
        .collect();
    let word = bare.split(',').map(str::trim).find(|p| WRITES.iter().any(|w| *p == *w || p.starts_with(&format!("{w} "))))?;
    Some(format!("{object} ({word})"))
}

#[cfg(test)]
mod tests {
    use super::granted;

    #[test]
    fn a_grant_that_lets_change_something_is_found() {
        let of = |grant: &str| granted(grant);
        assert_eq!(of("GRANT USAGE ON *.* TO `r`@`%` IDENTIFIED BY PASSWORD '*1'"), None);
        assert_eq!(of("GRANT SELECT (`id`, `insert`), SHOW VIEW ON `erp`.`t` TO `r`@`%`"), None);
        assert_eq!(of("GRANT SELECT, INSERT (`a`, `b`) ON `erp`.`t` TO `r`@`%`").unwrap(), "erp.t (INSERT)");
        assert_eq!(of("GRANT ALL PRIVILEGES ON *.* TO `root`@`localhost` WITH GRANT OPTION").unwrap(), "*.* (ALL PRIVILEGES)");
        assert_eq!(of("GRANT SELECT, CREATE VIEW ON `erp`.* TO `r`@`%`").unwrap(), "erp.* (CREATE VIEW)");
    }
}
