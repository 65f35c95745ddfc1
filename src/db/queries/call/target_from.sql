  left join "Items" item on item."ReferenceId" = asked.id
  left join "Sites" site on site."SiteId" = item."SiteId" and site."TenantId" = u."TenantId"
  -- Rights come by the rows of the site that is inherited from, itself looked up once (06 §2.3).
  left join "Sites" root on root."SiteId" = site."InheritPermission" and root."TenantId" = u."TenantId"
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
