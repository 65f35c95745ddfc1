-- The addressed item and its site, and rights. No site: there is no such item in the tenant.
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
