-- What the rules ask of every call, in one row: caller, tenant, groups, addressed item and its site, rights, and the
-- versions of what this process may hold in memory. No row: nobody has the key. Several owners: nobody is authenticated.
-- $1 ApiKey, $2 the id in the URL, $3..$5 id, Ver and UpdatedTime of a site whose settings this process knows already.
select u.owners,
       u."TenantId",
       u."UserId",
       u."DeptId",
       coalesce(dept.enabled, false),
       u."LoginId",
       coalesce(u."Name", ''),
       u."Language",
       coalesce(u."TimeZone", ''),
       coalesce(member.groups, '{}'),
       coalesce(member.enabled_groups, '{}'),
       u."TenantManager",
       u."ServiceManager",
       u."AllowApi",
       u."AllowCreationAtTopSite",
       u."AllowGroupAdministration",
       u."AllowGroupCreation",
       coalesce(u."UserSettings", ''),
       coalesce(tenant."ContractSettings", ''),
       coalesce(tenant."DisableApi", false),
       coalesce(tenant."AllowExtensionsApi", false),
       coalesce(tenant."Language", ''),
       coalesce(tenant."TimeZone", ''),
       -- Signals of changes (02 §18). Without a signal row yet, the size and age of the table stand for it.
       coalesce(status.users::text, (select concat_ws(' ', count(*), max("UpdatedTime")) from "Users" x where x."TenantId" = u."TenantId")),
       coalesce(status.depts::text, (select concat_ws(' ', count(*), max("UpdatedTime")) from "Depts" x where x."TenantId" = u."TenantId")),
       coalesce(status.groups::text, (select concat_ws(' ', count(*), max("UpdatedTime")) from "Groups" x where x."TenantId" = u."TenantId")),
       target."ReferenceId",
       target."ItemTitle",
       target."SiteId",
       target."Title",
       target."ReferenceType",
       target."ParentId",
       target."InheritPermission",
       target."Ver",
       target."UpdatedTime",
       case when target."SiteId" = $3 and target."Ver" = $4 and target."UpdatedTime" = $5
            then null else coalesce(target."SiteSettings", '') end,
       target."LockedTime",
       target."LockedUser",
       (select coalesce(nullif(x."Name", ''), x."LoginId") from "Users" x where x."UserId" = target."LockedUser" limit 1),
       target."ApiCount",
       target."ApiCountDate",
       (select array_agg("DestinationId") from "Links" where "SourceId" = target."SiteId"),
       source.ids,
       source.vers,
       source.times,
       site.rights,
       item.rights
  from (select *, count(*) over () as owners from "Users"
         where "ApiKey" = $1 and not "Disabled" and not "Lockout" limit 1) u
  left join "Tenants" tenant on tenant."TenantId" = u."TenantId"
  left join lateral (
       select not "Disabled" as enabled from "Depts"
        where "TenantId" = u."TenantId" and "DeptId" = u."DeptId") dept on true
  left join lateral (
       select array_agg(distinct m."GroupId") as groups,
              array_agg(distinct m."GroupId") filter (
                  where not g."Disabled" and (m."UserId" = u."UserId" or dept.enabled)) as enabled_groups
         from "GroupMembers" m
         left join "Groups" g on g."GroupId" = m."GroupId" and g."TenantId" = u."TenantId"
        where m."UserId" = u."UserId" or (m."DeptId" = u."DeptId" and u."DeptId" <> 0)) member on true
  left join lateral (
       select max("UpdatedTime") filter (where "StatusId" = 210) as depts,
              max("UpdatedTime") filter (where "StatusId" = 220) as groups,
              max("UpdatedTime") filter (where "StatusId" = 230) as users
         from "Statuses" where "TenantId" = u."TenantId") status on true
  left join lateral (
       select i."ReferenceId", i."Title" as "ItemTitle", s."SiteId", s."Title", s."ReferenceType", s."ParentId",
              s."InheritPermission", s."Ver", s."UpdatedTime", s."SiteSettings", s."LockedTime", s."LockedUser",
              s."ApiCount", s."ApiCountDate"
         from "Items" i
         join "Sites" s on s."SiteId" = i."SiteId" and s."TenantId" = u."TenantId"
        where i."ReferenceId" = $2) target on true
  -- The sites that link here: an update may have to carry a title or a summary over (03 §12.4, §12.5).
  left join lateral (
       select array_agg(s."SiteId") as ids, array_agg(s."Ver") as vers, array_agg(s."UpdatedTime") as times
         from "Links" l
         join "Sites" s on s."SiteId" = l."SourceId" and s."TenantId" = u."TenantId"
        where l."DestinationId" = target."SiteId") source on true
  -- Rights by the rows of the site that is inherited from, itself looked up once (06 §2.3).
  left join lateral (
       select bit_or(p."PermissionType") as rights
         from "Sites" root
         join "Permissions" p on p."ReferenceId" = root."InheritPermission"
        where root."TenantId" = u."TenantId" and root."SiteId" = target."InheritPermission"
          and (p."UserId" = u."UserId" or p."UserId" = -1 or p."GroupId" = any(member.enabled_groups)
               or (p."DeptId" = u."DeptId" and p."DeptId" <> 0 and dept.enabled))) site on true
  left join lateral (
       select bit_or(p."PermissionType") as rights
         from "Permissions" p
        where p."ReferenceId" = case when target."ReferenceId" = target."SiteId"
                                     then target."InheritPermission" else target."ReferenceId" end
          and (p."UserId" = u."UserId" or p."UserId" = -1 or p."GroupId" = any(member.enabled_groups)
               or (p."DeptId" = u."DeptId" and p."DeptId" <> 0 and dept.enabled))) item on true
