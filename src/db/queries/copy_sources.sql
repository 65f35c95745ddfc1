-- The sites to copy, with what the caller may do with each, in the order that was asked for.
-- $1 tenant, $2 sites, $3 user, $4 enabled groups, $5 enabled department or 0.
select s."SiteId",
       s."Title",
       coalesce(s."Body", ''),
       coalesce(s."SiteName", ''),
       coalesce(s."SiteGroupName", ''),
       array[s."GridGuide", s."EditorGuide", s."CalendarGuide", s."CrosstabGuide", s."GanttGuide", s."BurnDownGuide",
             s."TimeSeriesGuide", s."AnalyGuide", s."KambanGuide", s."ImageLibGuide"],
       s."ReferenceType",
       s."ParentId",
       s."InheritPermission",
       coalesce(s."SiteSettings", ''),
       coalesce(s."Publish", false),
       coalesce(s."DisableCrossSearch", false),
       (select bit_or(p."PermissionType")
          from "Sites" root
          join "Permissions" p on p."ReferenceId" = root."InheritPermission"
         where root."TenantId" = $1 and root."SiteId" = s."InheritPermission"
           and (p."UserId" = $3 or p."UserId" = -1 or p."GroupId" = any($4)
                or (p."DeptId" = $5 and p."DeptId" <> 0))),
       coalesce(o."Data", ''),
       s."LockedTime" is not null and coalesce(s."LockedUser", 0) > 0
  from unnest($2::bigint[]) with ordinality as wanted (id, place)
  join "Sites" s on s."TenantId" = $1 and s."SiteId" = wanted.id
  left join "Orders" o on o."ReferenceId" = s."SiteId" and o."ReferenceType" = 'Sites' and o."OwnerId" = 0
 order by wanted.place
