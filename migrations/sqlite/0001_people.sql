CREATE TABLE users (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  username TEXT NOT NULL CHECK (length(username) BETWEEN 1 AND 64),
  name_key TEXT NOT NULL, -- the name folded, so that Ana and ana are one account
  role TEXT NOT NULL CHECK (role IN ('user', 'admin')),
  disabled INTEGER NOT NULL CHECK (disabled IN (0, 1)),
  password_hash TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX users_name_key ON users (name_key);

CREATE TABLE sessions (
  token_hash BLOB NOT NULL PRIMARY KEY, -- SHA-256 of the token: who reads the table cannot sign in
  user_id INTEGER REFERENCES users (id) ON DELETE CASCADE, -- null for a guest
  data BLOB NOT NULL,
  expiry TEXT NOT NULL
) STRICT;
CREATE INDEX sessions_expiry ON sessions (expiry);
CREATE INDEX sessions_user ON sessions (user_id);

CREATE TABLE revoked_tokens (
  jti TEXT NOT NULL PRIMARY KEY,
  expires_at TEXT NOT NULL
) STRICT;
CREATE INDEX revoked_tokens_expires ON revoked_tokens (expires_at);

CREATE TABLE meta (
  key TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL,
  updated_at TEXT NOT NULL
) STRICT;

-- down
DROP TABLE meta;
DROP TABLE revoked_tokens;
DROP TABLE sessions;
DROP TABLE users;
