  -- A sub-query hides how long the array is: the planner would plan anew each time for fewer than it expects.
  from unnest((select $1::text[])) with ordinality as asked(key, at)
