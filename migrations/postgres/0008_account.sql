-- How somebody likes the pages; empty: as the browser asks.
ALTER TABLE users ADD COLUMN language TEXT NOT NULL DEFAULT '' CHECK (language IN ('', 'en', 'es', 'ru'));
ALTER TABLE users ADD COLUMN theme TEXT NOT NULL DEFAULT '' CHECK (theme IN ('', 'light', 'dark'));

-- Whoever has the address of a shared prediction may see it.
ALTER TABLE predictions ADD COLUMN shared BOOLEAN NOT NULL DEFAULT false;

-- What history is filtered by lies in its index too, so that rows that are not asked for are never read.
DROP INDEX predictions_user;
CREATE INDEX predictions_user ON predictions (user_id, created_at DESC, id DESC, digit, source, api, model);

-- Personal tokens of programs. A token itself is never kept: whoever reads the table cannot sign in.
CREATE TABLE tokens (
  id TEXT NOT NULL PRIMARY KEY,
  user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  hash BYTEA NOT NULL, -- SHA-256 of the token
  created_at TIMESTAMPTZ NOT NULL,
  expires_at TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX tokens_hash ON tokens (hash);
CREATE INDEX tokens_user ON tokens (user_id, created_at);
CREATE INDEX tokens_expires ON tokens (expires_at);

-- down
DROP TABLE tokens;
DROP INDEX predictions_user;
CREATE INDEX predictions_user ON predictions (user_id, created_at DESC, id DESC);
ALTER TABLE predictions DROP COLUMN shared;
ALTER TABLE users DROP COLUMN theme;
ALTER TABLE users DROP COLUMN language;
