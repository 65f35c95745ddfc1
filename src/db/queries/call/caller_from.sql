  join "Users" u on u."ApiKey" = asked.key and not u."Disabled" and not u."Lockout"
  left join "Tenants" tenant on tenant."TenantId" = u."TenantId"
  left join "Depts" dept on dept."TenantId" = u."TenantId" and dept."DeptId" = u."DeptId"
 cross join lateral (
       select array_agg(m."GroupId") as groups,
              array_agg(m."GroupId") filter (
                  where not g."Disabled" and (m."UserId" = u."UserId" or not dept."Disabled")) as enabled_groups
         from "GroupMembers" m
         left join "Groups" g on g."GroupId" = m."GroupId" and g."TenantId" = u."TenantId"
        where m."UserId" = u."UserId" or (m."DeptId" = u."DeptId" and u."DeptId" <> 0)) member
