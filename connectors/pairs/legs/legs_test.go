package legs_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors"
	"syncbox/connectors/pairs/legs"
	"syncbox/connectors/record"
)

// day is a Book with a clock that a test sets.
type day struct {
	*legs.Book
	t    *testing.T
	path string
	now  time.Time
}

var paris = time.FixedZone("Paris", 3600)

func newDay(t *testing.T) *day {
	d := &day{t: t, path: filepath.Join(t.TempDir(), "job", "trips.json"), now: time.Date(2026, 11, 23, 9, 0, 0, 0, paris)}
	d.boot()
	return d
}

// boot begins the Book anew, as after a power cut.
func (d *day) boot() {
	d.Book = legs.Open(d.path, func() time.Time { return d.now }, paris, nil)
}

func (d *day) after(s int) time.Time {
	d.now = d.now.Add(time.Duration(s) * time.Second)
	return d.now
}

// trip has a quote go there and back; each number is the seconds of a leg.
func (d *day) trip(reference string, seen, written, taken, shown, back int) {
	asked := d.now
	d.after(seen)
	d.Ask(reference, asked)
	d.Look()
	d.Write(reference, d.after(written))
	d.Take(reference, d.after(taken))
	d.after(shown)
	d.Show(reference)
	d.after(back)
	d.Finish(reference)
}

func (d *day) timings(want ...connectors.Timing) {
	d.t.Helper()
	if diff := cmp.Diff(want, d.Timings()); diff != "" {
		d.t.Errorf("(-want +got):\n%s", diff)
	}
}

func timing(name string, count, median, worst int) connectors.Timing {
	return connectors.Timing{Name: name, Count: count, Median: time.Duration(median) * time.Second, Worst: time.Duration(worst) * time.Second}
}

// The median and the worst of the day are told of the box's own ways and of what lies between, also by a box that was started anew, and
// the legs of each quote once.
//
// Requirement: S50-15
func TestTimesOfTheDay(t *testing.T) {
	for _, restarts := range []bool{false, true} {
		t.Run(fmt.Sprintf("restarts %v", restarts), func(t *testing.T) {
			d := newDay(t)
			d.timings()
			for i, written := range []int{2, 40, 6} {
				d.trip(fmt.Sprintf("SSM-%d", i), 10, written, 100, 20*i, 3+i)
				if restarts {
					d.boot()
				}
			}
			d.timings(timing(legs.Out, 3, 16, 50), timing(legs.Away, 3, 120, 140), timing(legs.Back, 3, 4, 5))
			d.trip("SSM-3", 10, 8, 100, 60, 6)
			even := timing(legs.Back, 4, 0, 6)
			even.Median = 4500 * time.Millisecond
			d.timings(timing(legs.Out, 4, 17, 50), timing(legs.Away, 4, 130, 160), even)
			var told []record.Remark
			for range 2 {
				told = append(told, d.Tally()...)
				if restarts {
					d.boot()
				}
			}
			want := record.Remark{Code: legs.CodeTrip, Args: map[string]string{"reference": "SSM-1", "tookseen": "10", "tookwritten": "40", "tooktaken": "100", "tookshown": "20", "tookback": "4"}}
			if len(told) != 4 {
				t.Fatalf("told %v", told)
			}
			if diff := cmp.Diff(want, told[1]); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// Only what ended today counts, by the site's day; what is of another day is forgotten, and so is what never comes back.
//
// Requirement: S50-15
func TestOneDay(t *testing.T) {
	d := newDay(t)
	d.trip("SSM-1", 1, 2, 3, 4, 5)
	d.now = time.Date(2026, 11, 23, 23, 50, 0, 0, paris)
	d.Ask("SSM-2", time.Time{})
	d.Write("SSM-2", d.after(5))
	d.Ask("SSM-lost", d.now)
	d.after(1200) // the next day, though not yet in London
	d.timings()
	d.Show("SSM-2")
	d.timings(timing(legs.Away, 1, 1200, 1200))
	d.boot()
	if diff := cmp.Diff([]string{"SSM-lost"}, d.Expected()); diff != "" {
		t.Errorf("expected (-want +got):\n%s", diff)
	}
	if kept, err := os.ReadFile(d.path); err != nil || strings.Contains(string(kept), `"SSM-1"`) {
		t.Errorf("kept of yesterday: %s, %v", kept, err)
	}
	d.after(8 * 24 * 3600)
	d.Ask("SSM-3", d.now)
	d.boot()
	if diff := cmp.Diff([]string{"SSM-3"}, d.Expected()); diff != "" {
		t.Errorf("expected (-want +got):\n%s", diff)
	}
	for i := range 1100 {
		d.Ask(fmt.Sprintf("SSM-%d", 100+i), d.now)
	}
	if got := len(d.Expected()); got != 1000 {
		t.Errorf("%d are kept", got)
	}
}

// What waits for its client, or for a file before it, is not the box's time; a quote that was withdrawn or refused, and that was never
// asked for, is no trip; asked for anew, it is one from then on.
//
// Requirement: S50-15
func TestWhatDoesNotCount(t *testing.T) {
	d := newDay(t)
	d.Ask("SSM-1", d.now)
	d.Look()
	d.Look()
	d.boot()
	d.Write("SSM-1", d.after(3600))
	d.timings()
	d.Ask("SSM-2", d.now)
	d.Withdraw("SSM-2")
	d.Write("SSM-2", d.after(1))
	d.Finish("SSM-3")
	d.timings()

	d.Ask("SSM-4", d.now)
	d.Write("SSM-4", d.after(9))
	d.Withdraw("SSM-4") // too late
	refused := d.after(60)
	d.Refuse("SSM-4", refused)
	d.Ask("SSM-4", d.after(100))
	d.Refuse("SSM-4", refused) // which is still there
	d.Write("SSM-4", refused)  // of the file before
	d.Write("SSM-4", d.after(7))
	d.Write("SSM-4", d.after(7))
	d.timings(timing(legs.Out, 1, 7, 7))
	d.Finish("SSM-4") // by somebody else
	d.timings()
}

// A clock that was set, times that the product tells of the future, and a file that is damaged or can't be written keep nothing from
// going on.
func TestTimesThatCannotBe(t *testing.T) {
	d := newDay(t)
	d.Ask("SSM-1", d.now.Add(time.Hour))
	d.Write("SSM-1", d.after(4))
	d.timings(timing(legs.Out, 1, 4, 4))
	d.after(-3600)
	d.Show("SSM-1")
	d.timings(timing(legs.Out, 1, 4, 4))
	d.Finish("SSM-1")
	if told := d.Tally(); len(told) != 1 || told[0].Args["tooktaken"] != "" || told[0].Args["tookshown"] != "" || told[0].Args["tookback"] != "0" {
		t.Errorf("told %v", told)
	}
	if err := os.WriteFile(d.path, []byte(`[{"reference":`), 0o600); err != nil {
		t.Fatal(err)
	}
	d.boot()
	d.timings()
	if err := os.Remove(d.path); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(d.path, "in the way"), 0o700); err != nil {
		t.Fatal(err)
	}
	d.boot()
	d.trip("SSM-5", 1, 2, 3, 4, 5)
	d.timings(timing(legs.Out, 1, 3, 3), timing(legs.Away, 1, 7, 7), timing(legs.Back, 1, 5, 5))
	var none *legs.Book
	none.Ask("SSM-6", d.now)
	none.Look()
	none.Finish("SSM-6")
	if len(none.Timings())+len(none.Tally())+len(none.Expected()) > 0 {
		t.Error("no Book has times")
	}
}
