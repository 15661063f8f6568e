-- Retrainings: the queue, the history, and where the one that runs stands. docs/training.md has the states.
CREATE TABLE training_runs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  api TEXT NOT NULL CHECK (api IN ('v1', 'v2')),
  state TEXT NOT NULL CHECK (state IN ('queued', 'preparing', 'training', 'evaluating', 'awaiting', 'promoted', 'rejected', 'cancelled', 'failed')),
  active INTEGER NOT NULL CHECK (active IN (0, 1)), -- to be worked on: queued or with a trainer
  promote INTEGER NOT NULL CHECK (promote IN (0, 1)), -- at once, where the gate lets it pass
  made_by TEXT NOT NULL,
  reason TEXT NOT NULL,
  cancel INTEGER NOT NULL CHECK (cancel IN (0, 1)), -- asked for, not yet done
  owner TEXT NOT NULL, -- the trainer
  attempt INTEGER NOT NULL,
  fence INTEGER NOT NULL, -- grows with every trainer that takes the run
  beat INTEGER NOT NULL, -- grows with every sign of life
  seed INTEGER NOT NULL,
  parent TEXT NOT NULL,
  model TEXT NOT NULL,
  progress REAL NOT NULL,
  epoch INTEGER NOT NULL,
  epochs INTEGER NOT NULL,
  data TEXT NOT NULL,
  curve TEXT NOT NULL,
  gate TEXT, -- null until there is a verdict
  created_at TEXT NOT NULL,
  started_at TEXT,
  updated_at TEXT NOT NULL,
  finished_at TEXT
) STRICT;
CREATE UNIQUE INDEX training_runs_one ON training_runs (active) WHERE active = 1; -- one in the whole fleet
CREATE INDEX training_runs_model ON training_runs (model);

-- Where a run goes on after a crash: the last epoch of it that was finished.
CREATE TABLE training_checkpoints (
  run_id INTEGER NOT NULL PRIMARY KEY REFERENCES training_runs (id),
  epoch INTEGER NOT NULL,
  curve TEXT NOT NULL,
  state BLOB NOT NULL
) STRICT;

-- Which pictures a run learnt from, with the label that it learnt.
CREATE TABLE training_images (
  run_id INTEGER NOT NULL REFERENCES training_runs (id),
  image_hash TEXT NOT NULL, -- no reference: the picture may be deleted, but was learnt
  label INTEGER NOT NULL,
  PRIMARY KEY (run_id, image_hash)
) STRICT;
CREATE INDEX training_images_image ON training_images (image_hash);

-- down
DROP TABLE training_images;
DROP TABLE training_checkpoints;
DROP TABLE training_runs;
