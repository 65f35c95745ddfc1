-- What Kokochi keeps for itself, in a schema of its own; the reference's tables stay as they are (docs/extensions.md).
create schema if not exists kokochi;

create table if not exists kokochi.idempotency (
    key     text        primary key,        -- hash of tenant, user, route and the client's key
    body    text        not null,           -- hash of the body
    created timestamptz not null default now(),
    status  smallint,                       -- with `answer`; none while the call runs
    answer  text
);

create index if not exists idempotency_created on kokochi.idempotency (created);
