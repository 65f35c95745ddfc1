-- What the rules ask of every call, in one row: caller, tenant, groups, addressed item and its site, rights, and the
-- versions of what this process may hold in memory. No row: nobody has the key. Rows of two users: nobody is
-- authenticated. It runs before everything else, so joins by key stand where sub-queries and windows would read nicer.
-- Several calls may ask at once. $1 ApiKey, $2 the id in the URL, $3..$5 id, Ver and UpdatedTime of a site whose
-- settings this process knows already; of each an array.
select asked.at,
       u."TenantId",
       u."UserId",
       u."DeptId",
       coalesce(not dept."Disabled", false),
       u."LoginId",
       coalesce(u."Name", ''),
       u."Language",
       coalesce(u."TimeZone", ''),
       member.groups,
       member.enabled_groups,
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
       -- Signals of changes to departments, groups and users (02 §18).
       array(select status."UpdatedTime" from "Statuses" status
              where status."TenantId" = u."TenantId" and status."StatusId" in (210, 220, 230)
              order by status."StatusId"),
       -- No site: there is no such item in the tenant.
       site."SiteId",
       item."ReferenceId",
       item."Title",
       site."Title",
       site."ReferenceType",
       site."ParentId",
       site."InheritPermission",
       site."Ver",
       site."UpdatedTime",
       case when site."SiteId" = asked.site and site."Ver" = asked.ver and site."UpdatedTime" = asked.time
            then null else coalesce(site."SiteSettings", '') end,
       site."LockedTime",
       (select coalesce(nullif(x."Name", ''), x."LoginId") from "Users" x
         where x."TenantId" = u."TenantId" and x."UserId" = site."LockedUser"),
       site."ApiCount",
       site."ApiCountDate",
       rights.of_site,
       rights.of_item,
       -- What a write may have to carry over: the sites linked to, and those that link here (03 §12.4, §12.5).
       array(select l."DestinationId" from "Links" l where l."SourceId" = site."SiteId"),
       source.ids,
       source.vers,
       source.times
  -- A sub-query hides how long the arrays are: the planner would plan anew each time for fewer than it expects.
  from unnest((select $1::text[]), $2::bigint[], $3::bigint[], $4::integer[], $5::timestamp[])
       with ordinality as asked(key, id, site, ver, time, at)
  join "Users" u on u."ApiKey" = asked.key and not u."Disabled" and not u."Lockout"
  left join "Tenants" tenant on tenant."TenantId" = u."TenantId"
  left join "Depts" dept on dept."TenantId" = u."TenantId" and dept."DeptId" = u."DeptId"
  left join "Items" item on item."ReferenceId" = asked.id
  left join "Sites" site on site."SiteId" = item."SiteId" and site."TenantId" = u."TenantId"
  -- Rights come by the rows of the site that is inherited from, itself looked up once (06 §2.3).
  left join "Sites" root on root."SiteId" = site."InheritPermission" and root."TenantId" = u."TenantId"
 cross join lateral (
       select array_agg(m."GroupId") as groups,
              array_agg(m."GroupId") filter (
                  where not g."Disabled" and (m."UserId" = u."UserId" or not dept."Disabled")) as enabled_groups
         from "GroupMembers" m
         left join "Groups" g on g."GroupId" = m."GroupId" and g."TenantId" = u."TenantId"
        where m."UserId" = u."UserId" or (m."DeptId" = u."DeptId" and u."DeptId" <> 0)) member
 cross join lateral (
       select bit_or(p."PermissionType") filter (where p."ReferenceId" = root."InheritPermission") as of_site,
              bit_or(p."PermissionType") filter (
                  where p."ReferenceId" = case when item."ReferenceId" = site."SiteId"
                                               then site."InheritPermission" else item."ReferenceId" end) as of_item
         from "Permissions" p
        where p."ReferenceId" = any(array[root."InheritPermission", site."InheritPermission", item."ReferenceId"])
          and (p."UserId" = u."UserId" or p."UserId" = -1 or p."GroupId" = any(member.enabled_groups)
               or (p."DeptId" = u."DeptId" and u."DeptId" <> 0 and not dept."Disabled"))) rights
 cross join lateral (
       select array_agg(s."SiteId") as ids, array_agg(s."Ver") as vers, array_agg(s."UpdatedTime") as times
         from "Links" l
         join "Sites" s on s."SiteId" = l."SourceId" and s."TenantId" = u."TenantId"
        where l."DestinationId" = site."SiteId") source
