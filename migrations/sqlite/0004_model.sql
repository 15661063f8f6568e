CREATE TABLE models (
  id TEXT NOT NULL PRIMARY KEY,
  api TEXT NOT NULL CHECK (api IN ('v1', 'v2')),
  sha256 TEXT NOT NULL, -- hex, of weights
  weights BLOB NOT NULL,
  parent TEXT NOT NULL,
  note TEXT NOT NULL,
  metrics TEXT NOT NULL, -- JSON: a number by name
  made_by TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT;
CREATE INDEX models_api ON models (api, created_at);

-- Who served from when to when. The row without an end is the one that serves.
CREATE TABLE champions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  api TEXT NOT NULL CHECK (api IN ('v1', 'v2')),
  model TEXT NOT NULL REFERENCES models (id),
  since TEXT NOT NULL,
  until TEXT,
  made_by TEXT NOT NULL,
  reason TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX champions_serving ON champions (api) WHERE until IS NULL;
CREATE INDEX champions_api ON champions (api, id);

-- down
DROP TABLE champions;
DROP TABLE models;
