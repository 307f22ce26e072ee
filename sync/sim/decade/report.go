package decade

import (
	"fmt"
	"maps"
	"slices"

	"syncbox/sync/store"
)

// Report is what the time came to.
type Report struct {
	Passes, Cuts int
	// Human counts what people were asked and answered, by kind. True is how many of these were conflicts between
	// two people who knew nothing of each other's edit.
	Human    map[store.WaitKind]int
	True     int
	Restores int     // of the ERP's data
	Months   []Month // judged
	Bytes    int64   // of the databases at the end
	Peak     int64   // of the process's memory, in bytes
	Failures []string
	History  string // of the month in which an oracle failed, where the plan asks for it
}

// Month is how big everything was at the end of a month.
type Month struct {
	Bytes   int64 // of the databases
	Peak    int64 // of the process's memory until then
	Records int64 // of both products, which this process keeps as well
}

// Actions counts what people had to do.
func (r *Report) Actions() (n int) {
	for _, k := range r.Human {
		n += k
	}
	return n
}

// String gives the line that ends the program's output.
func (r *Report) String() string {
	return fmt.Sprintf("passes=%d cuts=%d human_actions=%d true_conflicts=%d state_bytes=%d rss_mib=%d",
		r.Passes, r.Cuts, r.Actions(), r.True, r.Bytes, r.Peak>>20)
}

// Wrong names everything that must not be: what an oracle said, what people need not have been asked, what
// grows. It is empty after good years.
func (r *Report) Wrong() []string {
	wrong := slices.Clone(r.Failures)
	for _, kind := range slices.Sorted(maps.Keys(r.Human)) {
		needed := 0
		switch kind {
		case store.Conflicted:
			needed = r.True
		case store.Held: // somebody must say that the restored data is the truth
			needed = r.Restores
		}
		if n := r.Human[kind] - needed; n > 0 {
			wrong = append(wrong, fmt.Sprintf("people were asked %d times for a %s that needs no person", n, kind))
		}
	}
	if len(r.Months) == 0 {
		wrong = append(wrong, "no month was judged")
	}
	return append(wrong, r.growth()...)
}

// The most that a box of this company may take, far below what it has.
const (
	mostBytes = 64 << 20
	mostPeak  = 512 << 20 // the simulated products and their lineage included
	// mostGrowth is by how much the last quarter of a long time may exceed the second one, in hundredths, beyond
	// what the products themselves grow: the journal is full by then.
	mostGrowth = 140
	longTime   = 24 // months
)

// growth names what grows without a bound.
func (r *Report) growth() (wrong []string) {
	if r.Bytes > mostBytes {
		wrong = append(wrong, fmt.Sprintf("the databases take %d bytes", r.Bytes))
	}
	if r.Peak > mostPeak {
		wrong = append(wrong, fmt.Sprintf("the process took %d bytes of memory", r.Peak))
	}
	n := len(r.Months)
	if n < longTime {
		return wrong
	}
	early, late := r.Months[n/4:n/2], r.Months[3*n/4:]
	records := func(m Month) int64 { return max(1, m.Records) }
	for _, m := range []struct {
		what string
		of   func(Month) int64
	}{{"databases", func(m Month) int64 { return m.Bytes }}, {"memory", func(m Month) int64 { return m.Peak }}} {
		was, is := most(early, m.of), most(late, m.of)
		if is*100*most(early, records) > was*mostGrowth*max(most(early, records), most(late, records)) {
			wrong = append(wrong, fmt.Sprintf("the %s went from %d to %d bytes", m.what, was, is))
		}
	}
	return wrong
}

func most(months []Month, of func(Month) int64) (n int64) {
	for _, m := range months {
		n = max(n, of(m))
	}
	return n
}
