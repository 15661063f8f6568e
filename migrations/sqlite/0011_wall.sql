-- Drawings whose makers agreed that a show's room sees them. They go with their predictions.
CREATE TABLE wall (
  id INTEGER PRIMARY KEY AUTOINCREMENT, -- says nothing of the prediction, whose own id is a secret; never used twice
  prediction_id TEXT NOT NULL REFERENCES predictions (id) ON DELETE CASCADE,
  hidden INTEGER NOT NULL DEFAULT 0 CHECK (hidden IN (0, 1)),
  at TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX wall_prediction ON wall (prediction_id);

-- down
DROP TABLE wall;
