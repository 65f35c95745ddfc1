-- The queue of mails and web hooks (08 §16), in a schema of our own: nothing of the original is touched.
create schema if not exists kokochi;
create table if not exists kokochi.deliveries (
    id bigint generated always as identity primary key,
    delivery jsonb not null,
    attempts integer not null default 0,
    due timestamptz not null default now(),
    made timestamptz not null default now()
);
create index if not exists deliveries_due on kokochi.deliveries (due, id);
