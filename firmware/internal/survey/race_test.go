//go:build race

package survey_test

// What the race detector notes of each byte counts as memory of the child as well.
const room, raced = 1 << 40, true
