-- Caller, tenant and groups, and the versions of what this process may hold in memory. No row: nobody has the key. Rows
-- of two users: nobody is authenticated.
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
       coalesce(tenant."Title", ''),
       -- Signals of changes to departments, groups and users (02 §18).
       array(select status."UpdatedTime" from "Statuses" status
              where status."TenantId" = u."TenantId" and status."StatusId" in (210, 220, 230)
              order by status."StatusId")
