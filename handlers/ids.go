package handlers

import (
	"strconv"

	"cifra"
)

// formatID writes an id as it goes out: ids are strings.
func formatID(id int64) string { return strconv.FormatInt(id, 10) }

// parseID reads an id of a path. What is no id names nothing: NotFound.
func parseID(text string) (int64, error) {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id < 1 || formatID(id) != text {
		return 0, cifra.E(cifra.NotFound, "error.not-found")
	}
	return id, nil
}
