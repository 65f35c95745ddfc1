-- Groups and their ancestors, through enabled groups only. $1 groups, $2 tenant, $3 most levels.
with recursive affected (id, level) as (
    select id, 0 from unnest($1::int[]) as given (id)
    union
    select edge."GroupId", affected.level + 1
      from affected
      join "GroupChildren" as edge on edge."ChildId" = affected.id
      join "Groups" as parent on parent."GroupId" = edge."GroupId"
     where parent."TenantId" = $2 and not parent."Disabled" and affected.level < $3
)
select distinct id from affected
