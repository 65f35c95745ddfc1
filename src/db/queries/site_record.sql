-- The row of a site with its permissions as lines (05 §6). $1 tenant, $2 site, $3 whether permissions are wanted.
select s."TenantId",
       s."SiteId",
       s."UpdatedTime",
       s."Ver",
       s."Title",
       coalesce(s."Body", ''),
       coalesce(s."SiteName", ''),
       coalesce(s."SiteGroupName", ''),
       coalesce(s."GridGuide", ''),
       coalesce(s."EditorGuide", ''),
       coalesce(s."CalendarGuide", ''),
       coalesce(s."CrosstabGuide", ''),
       coalesce(s."GanttGuide", ''),
       coalesce(s."BurnDownGuide", ''),
       coalesce(s."TimeSeriesGuide", ''),
       coalesce(s."AnalyGuide", ''),
       coalesce(s."KambanGuide", ''),
       coalesce(s."ImageLibGuide", ''),
       s."ReferenceType",
       s."ParentId",
       s."InheritPermission",
       case when $3 then coalesce(permission.lines, '{}') end,
       coalesce(s."SiteSettings", ''),
       coalesce(s."Publish", false),
       coalesce(s."DisableCrossSearch", false),
       s."LockedTime",
       coalesce(s."LockedUser", 0),
       s."ApiCountDate",
       coalesce(s."ApiCount", 0),
       coalesce(s."Comments", ''),
       s."Creator",
       s."Updator",
       s."CreatedTime"
  from "Sites" s
  left join lateral (
       select array_agg(
                  case when p."DeptId" <> 0 then 'Dept,' || p."DeptId"
                       when p."GroupId" <> 0 then 'Group,' || p."GroupId"
                       else 'User,' || p."UserId" end || ',' || p."PermissionType"
                  order by p."UserId", p."GroupId", p."DeptId") as lines
         from "Permissions" p
        where $3 and p."ReferenceId" = s."SiteId"
          and (p."UserId" = -1
               or exists (select from "Users" u where u."TenantId" = $1 and u."UserId" = p."UserId")
               or exists (select from "Groups" g where g."TenantId" = $1 and g."GroupId" = p."GroupId")
               or exists (select from "Depts" d where d."TenantId" = $1 and d."DeptId" = p."DeptId"))) permission on true
 where s."TenantId" = $1 and s."SiteId" = $2
