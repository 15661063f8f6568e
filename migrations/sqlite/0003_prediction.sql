-- What a model saw. One upload's bytes, prepared in one way, are kept once, however often they are asked about.
CREATE TABLE images (
  hash TEXT NOT NULL, -- hex SHA-256 of the upload's bytes
  preparation TEXT NOT NULL, -- version of the preparation
  views BLOB NOT NULL, -- n×784 bytes
  thumbnail BLOB NOT NULL, -- PNG
  meta TEXT NOT NULL, -- JSON: steps, boxes, ink, width, height, format
  created_at TEXT NOT NULL,
  PRIMARY KEY (hash, preparation)
) STRICT;

CREATE TABLE predictions (
  id TEXT NOT NULL PRIMARY KEY,
  user_id INTEGER REFERENCES users (id), -- null for a guest
  guest TEXT, -- null for a user, and for a program without a sign-in
  api TEXT NOT NULL CHECK (api IN ('v1', 'v2')),
  model TEXT NOT NULL,
  image_hash TEXT NOT NULL,
  preparation TEXT NOT NULL,
  file_name TEXT NOT NULL,
  digit INTEGER NOT NULL CHECK (digit BETWEEN 0 AND 9),
  probability REAL NOT NULL,
  sure INTEGER NOT NULL CHECK (sure IN (0, 1)),
  reason TEXT NOT NULL,
  reading TEXT NOT NULL, -- JSON
  source TEXT NOT NULL,
  provenance TEXT NOT NULL, -- JSON
  created_at TEXT NOT NULL,
  FOREIGN KEY (image_hash, preparation) REFERENCES images (hash, preparation),
  CHECK (user_id IS NULL OR guest IS NULL)
) STRICT;
-- History is read newest first, from a place on: the owner's rows lie in exactly that order.
CREATE INDEX predictions_user ON predictions (user_id, created_at DESC, id DESC);
CREATE INDEX predictions_guest ON predictions (guest, created_at DESC, id DESC);
CREATE INDEX predictions_created ON predictions (created_at); -- for retention
CREATE INDEX predictions_image ON predictions (image_hash, preparation);

-- down
DROP TABLE predictions;
DROP TABLE images;
