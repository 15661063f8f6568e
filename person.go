package cifra

import "time"

// Person is a record of the cache lab's directory. Those that the program makes up are nobody's.
type Person struct {
	ID        int64
	Name      string // 1 to 100 characters
	Email     string // "" where there is none
	City      string
	UpdatedAt time.Time
}
