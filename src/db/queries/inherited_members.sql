-- Inserts what groups inherit from their descendants. $1 groups, $2 tenant, $3 most levels, $4 who does it.
with recursive below (top, id, level) as (
    select top, top, 0 from unnest($1::int[]) as tops (top)
    union
    select below.top, edge."ChildId", below.level + 1
      from below
      join "Groups" as parent on parent."GroupId" = below.id
      join "GroupChildren" as edge on edge."GroupId" = below.id
     where parent."TenantId" = $2 and not parent."Disabled" and below.level < $3
)
insert into "GroupMembers" ("GroupId", "DeptId", "UserId", "ChildGroup", "Creator", "Updator")
select distinct below.top, member."DeptId", member."UserId", true, $4::int, $4::int
  from below
  join "Groups" as child on child."GroupId" = below.id and child."TenantId" = $2 and not child."Disabled"
  join "GroupMembers" as member on member."GroupId" = below.id and not member."ChildGroup"
 where below.level > 0
    on conflict do nothing
