with changed as (
    update "Sessions"
       set "Page" = '', "Value" = $3, "ReadOnce" = false, "UserArea" = true, "Comments" = null,
           "Updator" = $4, "UpdatedTime" = current_timestamp
     where "SessionGuid" = $1 and "Key" = $2
    returning 1
)
insert into "Sessions" ("SessionGuid", "Key", "Page", "Value", "ReadOnce", "UserArea", "Creator", "Updator")
select $1, $2, '', $3, false, true, $4, $4
 where not exists (select from changed)
on conflict ("SessionGuid", "Key", "Page") do update
   set "Value" = excluded."Value", "ReadOnce" = false, "UserArea" = true, "Comments" = null,
       "Updator" = excluded."Updator", "UpdatedTime" = current_timestamp
