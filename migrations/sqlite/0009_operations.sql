-- What lets somebody set a password once without knowing the old one. The code itself is never kept.
CREATE TABLE resets (
  user_id INTEGER NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE, -- a new one takes the place of the one before
  hash BLOB NOT NULL, -- SHA-256 of the code
  expires_at TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX resets_hash ON resets (hash);
CREATE INDEX resets_expires ON resets (expires_at);

-- The processes that work on this database, as each says of itself.
CREATE TABLE instances (
  name TEXT NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('site', 'worker')),
  version TEXT NOT NULL,
  started_at TEXT NOT NULL,
  seen_at TEXT NOT NULL,
  seq INTEGER -- of the last event that it has read; null: it follows none
) STRICT;

-- A guest's history is filtered as a user's is.
DROP INDEX predictions_guest;
CREATE INDEX predictions_guest ON predictions (guest, created_at DESC, id DESC, digit, source, api, model);

-- The book is read by day and by name, too.
CREATE INDEX audit_at ON audit (at, id);
CREATE INDEX audit_username ON audit (username, id);

-- down
DROP INDEX audit_username;
DROP INDEX audit_at;
DROP INDEX predictions_guest;
CREATE INDEX predictions_guest ON predictions (guest, created_at DESC, id DESC);
DROP TABLE instances;
DROP TABLE resets;
