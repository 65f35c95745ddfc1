//! The tables and who may use them (02 §1.2, steps 6 and 7).

use sqlx::PgConnection;

use super::{Error, Plan, Step as _, run};
use crate::db::quote;
use crate::parameters::Parameters;

/// The languages that users may have (02 §3.9).
const LANGUAGES: [&str; 7] = ["en", "zh", "ja", "de", "ko", "es", "vn"];

/// The columns that `SysLogs` has from schema version 2 on (02 §3.7).
const SYS_LOGS_VERSION_2: &str = r#""Api" boolean not null default false,
    "SiteId" bigint,
    "ReferenceId" bigint,
    "ReferenceType" varchar(32),
    "Status" bigint,
    "Description" text,"#;

/// Makes all tables, or none when one of them fails.
pub(super) async fn make(owner: &mut PgConnection, parameters: &Parameters) -> Result<(), Error> {
    // A single message is a single transaction.
    run(owner, "make the tables", definition(parameters)).await
}

fn definition(parameters: &Parameters) -> String {
    let mut text = include_str!("../../../migrations/0001_tables.sql")
        .replace("{language}", language(&parameters.service.default_language))
        .replace("{time_zone}", &time_zone(&parameters.service.time_zone_default));
    if parameters.rds.sys_logs_schema_version >= 2 {
        text = text.replace("-- {sys_logs_version_2}", SYS_LOGS_VERSION_2);
    }
    text
}

fn language(named: &str) -> &'static str {
    LANGUAGES.into_iter().find(|language| *language == named).unwrap_or("en")
}

/// The zone of new users; UTC when the id is unknown. Of Windows' ids only Japan's is known.
fn time_zone(named: &str) -> String {
    if named == "Tokyo Standard Time" {
        return "Asia/Tokyo".to_owned();
    }
    named.parse::<chrono_tz::Tz>().map_or_else(|_| "UTC".to_owned(), |zone| zone.name().to_owned())
}

/// Grants the application role what it needs on the tables that do not grant it yet.
pub(super) async fn grant(
    owner: &mut PgConnection,
    plan: &Plan,
    schema: &str,
    made: &mut Vec<String>,
) -> Result<(), Error> {
    let closed: Vec<String> = sqlx::query_scalar(
        "select relname::text
           from pg_class
          where relnamespace = to_regnamespace(quote_ident($1)) and relkind in ('r', 'p')
            and pg_get_userbyid(relowner) = current_user
            and not (has_table_privilege($2, oid, 'select') and has_table_privilege($2, oid, 'insert')
                     and has_table_privilege($2, oid, 'update') and has_table_privilege($2, oid, 'delete'))
          order by relname",
    )
    .bind(schema)
    .bind(&plan.user.user)
    .fetch_all(&mut *owner)
    .await
    .step("list the rights on the tables")?;
    if closed.is_empty() {
        return Ok(());
    }
    let qualified = |table: &String| format!("{}.{}", quote::name(schema), quote::name(table));
    let tables: Vec<String> = closed.iter().map(qualified).collect();
    let sql = format!(
        "grant select, insert, update, delete on {} to {}",
        tables.join(", "),
        quote::name(&plan.user.user)
    );
    run(owner, "grant the rights on the tables", sql).await?;
    made.push(format!("rights of {} on {} tables", plan.user.user, closed.len()));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_of_users_come_from_the_parameters() {
        assert_eq!((language("ja"), language("'x")), ("ja", "en"));
        assert_eq!(time_zone("Asia/Tokyo"), "Asia/Tokyo");
        assert_eq!(time_zone("Tokyo Standard Time"), "Asia/Tokyo");
        assert_eq!(time_zone("'; drop"), "UTC");
    }

    #[test]
    fn every_placeholder_is_filled() {
        let mut parameters = Parameters::load(None).unwrap();
        let text = definition(&parameters);
        assert!(text.contains("not null default 'en'") && text.contains("default 'UTC'"));
        assert!(!text.contains("\"Api\" boolean"));

        parameters.rds.sys_logs_schema_version = 2;
        let text = definition(&parameters);
        assert_eq!(text.matches("\"Api\" boolean").count(), 3);
        assert!(!text.contains('{'));
    }
}
