-- A group and its ancestors, through enabled groups only. $1 group, $2 tenant, $3 most levels.
with recursive affected (id, level) as (
    select $1::int, 0
    union
    select edge."GroupId", affected.level + 1
      from affected
      join "GroupChildren" as edge on edge."ChildId" = affected.id
      join "Groups" as parent on parent."GroupId" = edge."GroupId"
     where parent."TenantId" = $2 and not parent."Disabled" and affected.level < $3
)
select distinct id from affected
