//go:build !race

package survey_test

// room is what a child gets that is this program: as much as in the product.
const room, raced = 0, false
