CREATE TABLE people (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
  email TEXT NOT NULL,
  city TEXT NOT NULL,
  updated_at TEXT NOT NULL
) STRICT;

CREATE TABLE categories (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 100)
) STRICT;
CREATE UNIQUE INDEX categories_name ON categories (name);

CREATE TABLE products (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  category_id INTEGER NOT NULL REFERENCES categories (id),
  name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
  price INTEGER NOT NULL CHECK (price >= 0), -- in cents
  stock INTEGER NOT NULL CHECK (stock >= 0),
  updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX products_category ON products (category_id);

CREATE TABLE sales (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  person_id INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
  product_id INTEGER REFERENCES products (id) ON DELETE SET NULL, -- a sale outlives its product
  product TEXT NOT NULL, -- its name then
  quantity INTEGER NOT NULL CHECK (quantity > 0),
  price INTEGER NOT NULL CHECK (price >= 0), -- of one, in cents, as it was then
  at TEXT NOT NULL
) STRICT;
CREATE INDEX sales_person ON sales (person_id, at);
CREATE INDEX sales_product ON sales (product_id);

-- down
DROP TABLE sales;
DROP TABLE products;
DROP TABLE categories;
DROP TABLE people;
