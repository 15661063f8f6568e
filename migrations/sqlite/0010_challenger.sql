-- Which version is held beside the champion and answers a share of the pictures, for comparison.
CREATE TABLE challengers (
  api TEXT NOT NULL PRIMARY KEY CHECK (api IN ('v1', 'v2')),
  model TEXT NOT NULL REFERENCES models (id),
  since TEXT NOT NULL,
  made_by TEXT NOT NULL
) STRICT;

-- down
DROP TABLE challengers;
