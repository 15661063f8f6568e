CREATE TABLE audit (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id INTEGER, -- null for a guest or nobody; no reference, because the book outlives the account
  username TEXT NOT NULL,
  action TEXT NOT NULL,
  details TEXT NOT NULL,
  ip TEXT NOT NULL,
  at TEXT NOT NULL
) STRICT;
CREATE INDEX audit_user ON audit (user_id, id);
CREATE INDEX audit_action ON audit (action, id);

-- The book of who did what is only ever added to, whatever the program or its operator tries.
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;

CREATE TABLE events (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, -- never used twice
  kind TEXT NOT NULL,
  data TEXT NOT NULL,
  at TEXT NOT NULL
) STRICT;

-- down
DROP TABLE events;
DROP TABLE audit;
