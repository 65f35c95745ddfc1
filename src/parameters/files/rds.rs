//! `Rds.json`: the database.

use crate::parameters::Secret;
use crate::parameters::members::parameter_file;

parameter_file! {
    /// `Rds.json` (02 §1.1).
    Rds {
        /// The kind of database; only `PostgreSQL` is served.
        dbms: String = "Dbms", "PostgreSQL".to_owned(), absent "SQLServer".to_owned();
        /// `Azure` means that roles and schema are made by somebody else.
        provider: String = "Provider", "Local".to_owned();
        /// How `database init` logs in; [`super::super::Parameters::connection`] reads it.
        sa_connection_string: Secret = "SaConnectionString",
            Secret::new("Server=localhost;Database=postgres;UID=postgres;PWD=SetSaPWD");
        /// How the owner of the tables logs in.
        owner_connection_string: Secret = "OwnerConnectionString",
            Secret::new("Server=localhost;Database=#ServiceName#;UID=#ServiceName#_Owner;PWD=SetAdminsPWD");
        /// How everything else logs in.
        user_connection_string: Secret = "UserConnectionString",
            Secret::new("Server=localhost;Database=#ServiceName#;UID=#ServiceName#_User;PWD=SetUsersPWD");
        /// Seconds that a statement may take; 0 is no limit.
        sql_command_time_out: u64 = "SqlCommandTimeOut", 0;
        /// Milliseconds taken from the upper end of date ranges in filters.
        minimum_time: i64 = "MinimumTime", 3;
        /// How often a transaction that met a deadlock is tried again.
        deadlock_retry_count: i32 = "DeadlockRetryCount", 4;
        /// Milliseconds between the tries.
        deadlock_retry_interval: u64 = "DeadlockRetryInterval", 1000;
        /// From 2 on, new databases get six more columns in `SysLogs`.
        sys_logs_schema_version: i32 = "SysLogsSchemaVersion", 1;
    }
}
