package connectors

import (
	"time"

	"syncbox/connectors/record"
)

// CustomColumn is a field that a site has added to its product.
type CustomColumn struct {
	Name  string      // as Fields would call it, were it synchronised
	Title string      `json:",omitempty"` // what people call it; empty where the product does not tell
	Kind  record.Kind // record.None where the product does not tell
}

// Customised is a product that tells which fields a site has added to it.
type Customised interface {
	// CustomColumns gives those of e that the latest look or check saw, in the order of their names, whether they are
	// synchronised or not; none before. It asks nobody, and may be called as often as one likes.
	CustomColumns(e record.Entity) []CustomColumn
}

// Remarker is a side that tells what people should know of it while the sync goes on.
type Remarker interface {
	// Remarks are what the latest look found, with health codes; none before. It asks nobody, and may be called as often as one
	// likes.
	Remarks() []record.Remark
}

// Tallier is a side that sorts what it shows.
type Tallier interface {
	// Tally gives, as events of the journal, how the records of e that were read since the last Tally fall into categories; none
	// where no record was. It asks nobody.
	Tally(e record.Entity) []record.Remark
}

// Timing is how long something that people wait for took today.
type Timing struct {
	Name          string // of its words, below "timing."
	Count         int    // at least 1
	Median, Worst time.Duration
}

// Timekeeper is a side that measures what people wait for.
type Timekeeper interface {
	// Timings are those of today, by the site's day; none where nothing was measured. It asks nobody.
	Timings() []Timing
}

// Grounded is a product that is read from something that people made for it, such as a backup.
type Grounded interface {
	// Ground names what the latest look read, for people; empty before. It asks nobody.
	Ground() string
}
