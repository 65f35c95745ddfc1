-- The file of a handle that a caller may have (08 §10.1); the ways to it in their order.
-- $1 tenant, $2 Guid, $3 user, $4 enabled groups, $5 enabled department or 0, $6 whether the caller is privileged.
select b."BinaryId", b."ReferenceId", b."BinaryType", b."Bin", b."Guid", b."FileName", b."Extension", b."Size",
       b."ContentType", b."Creator", b."Updator", b."CreatedTime", b."UpdatedTime",
       $6 or coalesce(item.rights, 0) & 32 = 32
  from "Binaries" b
  left join lateral (
       select (select bit_or(p."PermissionType") from "Permissions" p
                where p."ReferenceId" in (s."InheritPermission", i."ReferenceId")
                  and (p."UserId" = $3 or p."UserId" = -1 or p."GroupId" = any($4)
                       or (p."DeptId" = $5 and p."DeptId" <> 0))) as rights,
              true as found
         from "Items" i
         join "Sites" s on s."SiteId" = i."SiteId" and s."TenantId" = $1
        where i."ReferenceId" = b."ReferenceId") item on true
 cross join lateral (
       select case when item.found and ($6 or coalesce(item.rights, 0) & 1 = 1) then 1
                   when item.found and b."CreatedTime" = b."UpdatedTime" and b."Creator" = $3 then 2
                   when b."BinaryType" = 'ExportData' then 3
                   when b."BinaryType" = 'TenantManagementImages' then 4 end as way) found
 where b."TenantId" = $1 and b."Guid" = $2 and found.way is not null
 order by found.way, b."BinaryId"
 limit 1
