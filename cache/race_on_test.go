//go:build race

package cache_test

const raceDetector = true // it allocates beside the program
