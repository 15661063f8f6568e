// Package migrations holds the steps by which the database's shape has come to be, as SQL, for each dialect.
//
// A step is two files of the same name, sqlite/NNNN_word.sql and postgres/NNNN_word.sql, applied in the order
// of their names. What stands above the line "-- down" is the way up, what stands below it the way back.
// Both dialects must end in the same tables and columns, which a test of package store holds.
//
// SUMS holds the SHA-256 of every file. A step that has landed is never edited, as databases out there have it
// already: a change is a further step. To add one, write its two files, and in this folder:
//
//	sha256sum sqlite/NNNN_word.sql postgres/NNNN_word.sql >>SUMS
package migrations

import "embed"

// Files holds the folders sqlite and postgres.
//
//go:embed sqlite/*.sql postgres/*.sql
var Files embed.FS
