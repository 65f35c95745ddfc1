-- Sites of a tenant with the caller's rights on them.
-- $1 tenant, $2 ids, $3 user, $4 enabled groups, $5 department or 0, $6..$8 id, Ver and UpdatedTime of the sites whose
-- settings this process knows already.
select s."SiteId",
       s."Title",
       s."ReferenceType",
       s."ParentId",
       s."InheritPermission",
       s."Ver",
       s."UpdatedTime",
       case when exists (select from unnest($6::bigint[], $7::integer[], $8::timestamp[]) as known (id, ver, time)
                          where known.id = s."SiteId" and known.ver = s."Ver" and known.time = s."UpdatedTime")
            then null else coalesce(s."SiteSettings", '') end,
       s."LockedTime",
       (select coalesce(nullif(x."Name", ''), x."LoginId") from "Users" x where x."UserId" = s."LockedUser" limit 1),
       (select array_agg("DestinationId") from "Links" where "SourceId" = s."SiteId"),
       (select bit_or(p."PermissionType") from "Permissions" p
         where p."ReferenceId" = s."InheritPermission"
           and (p."UserId" = $3 or p."UserId" = -1 or p."GroupId" = any($4) or (p."DeptId" = $5 and p."DeptId" <> 0)))
  from "Sites" s
 where s."TenantId" = $1 and s."SiteId" = any($2)
 order by s."SiteId"
