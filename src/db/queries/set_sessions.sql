-- $1 guid, $2 keys, $3 values, $4 whether they are JSON, $5 user. The mark is taken off by every other write.
with posted as (
    select key, value, is_json from unnest($2::text[], $3::text[], $4::bool[]) as t (key, value, is_json)
),
changed as (
    update "Sessions" s
       set "Page" = '', "Value" = posted.value, "ReadOnce" = false, "UserArea" = true,
           "Comments" = case when posted.is_json then 'json' end,
           "Updator" = $5, "UpdatedTime" = current_timestamp
      from posted
     where s."SessionGuid" = $1 and s."Key" = posted.key
    returning s."Key"
)
insert into "Sessions" ("SessionGuid", "Key", "Page", "Value", "ReadOnce", "UserArea", "Comments", "Creator", "Updator")
select $1, posted.key, '', posted.value, false, true, case when posted.is_json then 'json' end, $5, $5
  from posted
 where posted.key not in (select "Key" from changed)
on conflict ("SessionGuid", "Key", "Page") do update
   set "Value" = excluded."Value", "ReadOnce" = false, "UserArea" = true, "Comments" = excluded."Comments",
       "Updator" = excluded."Updator", "UpdatedTime" = current_timestamp
