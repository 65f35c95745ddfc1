-- Those of the users that the permissions of a site name: directly, by an enabled department or group, or all.
-- $1 the site with the permissions, $2 the users.
select u."UserId"
  from "Users" u
  left join "Depts" dept on dept."DeptId" = u."DeptId" and not dept."Disabled"
 where u."UserId" = any($2)
   and not u."Disabled"
   and exists (
       select
         from "Permissions" p
        where p."ReferenceId" = $1
          and (p."UserId" in (u."UserId", -1)
               or (p."DeptId" > 0 and p."DeptId" = dept."DeptId")
               or p."GroupId" in (
                  select member."GroupId"
                    from "GroupMembers" member
                    join "Groups" crowd on crowd."GroupId" = member."GroupId" and not crowd."Disabled"
                   where member."UserId" = u."UserId"
                      or (member."DeptId" > 0 and member."DeptId" = dept."DeptId"))))
