-- What people say of answers. A row outlives its prediction: the report counts it, but the drawing is gone then.
CREATE TABLE feedback (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  prediction_id TEXT REFERENCES predictions (id) ON DELETE SET NULL,
  user_id INTEGER REFERENCES users (id) ON DELETE SET NULL, -- null for a guest
  guest TEXT, -- null for a user
  owner TEXT NOT NULL, -- "u7" or "gguest-…": one label for an image and owner, the last one counts
  username TEXT NOT NULL, -- as it was then
  api TEXT NOT NULL,
  model TEXT NOT NULL,
  said INTEGER NOT NULL CHECK (said BETWEEN 0 AND 9),
  correct INTEGER NOT NULL CHECK (correct IN (0, 1)),
  label INTEGER NOT NULL CHECK (label BETWEEN -1 AND 9), -- -1: they didn't say
  comment TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('new', 'accepted', 'rejected', 'withdrawn', 'replaced')),
  decided INTEGER NOT NULL CHECK (decided BETWEEN -1 AND 9), -- as an admin has it, -1: nobody has
  decided_by TEXT NOT NULL,
  decided_at TEXT,
  idempotency TEXT, -- the client's name for this very request
  created_at TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX feedback_once ON feedback (owner, idempotency);
CREATE INDEX feedback_prediction ON feedback (prediction_id);
CREATE INDEX feedback_state ON feedback (state, id);
CREATE INDEX feedback_user ON feedback (user_id);

-- The report's numbers, kept as feedback comes, so that nobody has to count rows.
CREATE TABLE feedback_counts (
  day TEXT NOT NULL, -- 2026-03-14, in UTC
  api TEXT NOT NULL,
  model TEXT NOT NULL,
  said INTEGER NOT NULL,
  label INTEGER NOT NULL,
  correct INTEGER NOT NULL CHECK (correct IN (0, 1)),
  n INTEGER NOT NULL,
  PRIMARY KEY (day, api, model, said, label, correct)
) STRICT;

-- Which training run has learned which label.
CREATE TABLE feedback_uses (
  feedback_id INTEGER NOT NULL REFERENCES feedback (id) ON DELETE CASCADE,
  api TEXT NOT NULL CHECK (api IN ('v1', 'v2')),
  label INTEGER NOT NULL,
  run TEXT NOT NULL,
  at TEXT NOT NULL,
  PRIMARY KEY (feedback_id, api)
) STRICT;

-- down
DROP TABLE feedback_uses;
DROP TABLE feedback_counts;
DROP TABLE feedback;
