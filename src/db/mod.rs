//! Every text of SQL, and the only place that talks to PostgreSQL.
