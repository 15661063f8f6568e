package cifra

import "time"

// WallDrawing is a drawing on the wall, as the room sees it: nothing of who made it. It is the data of [EventWallShown].
type WallDrawing struct {
	ID          int64     `json:"id"` // its number on the wall, not the prediction's id
	Digit       int       `json:"digit"`
	Probability float64   `json:"probability"`
	Sure        bool      `json:"sure"`
	Source      Source    `json:"source"`
	API         API       `json:"version"`
	At          time.Time `json:"timestamp"`
}

// WallHidden is the data of [EventWallHidden].
type WallHidden struct {
	ID int64 `json:"id"`
}

// WallMost is how many drawings the wall shows, the latest ones.
const WallMost = 48
