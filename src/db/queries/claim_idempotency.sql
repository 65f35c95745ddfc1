-- $1 key, $2 body, $3 hours. One row when the key is ours: it is new, or what had it is too old.
with gone as (
    delete from kokochi.idempotency where created < now() - make_interval(hours => $3) and key <> $1
)
insert into kokochi.idempotency as kept (key, body) values ($1, $2)
on conflict (key) do update set body = excluded.body, created = now(), status = null, answer = null
 where kept.created < now() - make_interval(hours => $3)
