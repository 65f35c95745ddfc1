  -- A sub-query hides how long the arrays are: the planner would plan anew each time for fewer than it expects.
  from unnest((select $1::text[]), $2::bigint[], $3::bigint[], $4::integer[], $5::timestamp[])
       with ordinality as asked(key, id, site, ver, time, at)
