-- What a model saw. One upload's bytes, prepared in one way, are kept once, however often they are asked about.
CREATE TABLE images (
  hash TEXT NOT NULL, -- hex SHA-256 of the upload's bytes
  preparation TEXT NOT NULL, -- version of the preparation
  views BYTEA NOT NULL, -- n×784 bytes
  thumbnail BYTEA NOT NULL, -- PNG
  meta JSONB NOT NULL, -- steps, boxes, ink, width, height, format
  created_at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (hash, preparation)
);

CREATE TABLE predictions (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY, -- bytes decide the order, whatever the locale
  user_id BIGINT REFERENCES users (id), -- null for a guest
  guest TEXT, -- null for a user, and for a program without a sign-in
  api TEXT NOT NULL CHECK (api IN ('v1', 'v2')),
  model TEXT NOT NULL,
  image_hash TEXT NOT NULL,
  preparation TEXT NOT NULL,
  file_name TEXT NOT NULL,
  digit SMALLINT NOT NULL CHECK (digit BETWEEN 0 AND 9),
  probability DOUBLE PRECISION NOT NULL,
  sure BOOLEAN NOT NULL,
  reason TEXT NOT NULL,
  reading JSONB NOT NULL,
  source TEXT NOT NULL,
  provenance JSONB NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  FOREIGN KEY (image_hash, preparation) REFERENCES images (hash, preparation),
  CHECK (user_id IS NULL OR guest IS NULL)
);
-- History is read newest first, from a place on: the owner's rows lie in exactly that order.
CREATE INDEX predictions_user ON predictions (user_id, created_at DESC, id DESC);
CREATE INDEX predictions_guest ON predictions (guest, created_at DESC, id DESC);
-- For retention alone. A BRIN has no order, so that no history is ever read through it.
CREATE INDEX predictions_created ON predictions USING brin (created_at);
CREATE INDEX predictions_image ON predictions (image_hash, preparation);

-- down
DROP TABLE predictions;
DROP TABLE images;
