package decade_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"syncbox/sync/sim/decade"
	"syncbox/sync/store"
)

// folder gives a folder for databases, in memory where there is one: hundreds of commits a second.
func folder(t *testing.T) string {
	t.Helper()
	base := ""
	if info, err := os.Stat("/dev/shm"); err == nil && info.IsDir() {
		base = "/dev/shm"
	}
	dir, err := os.MkdirTemp(base, "decade")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// weeks is a plan of some weeks around the end of summer time, with a restored backup and a month without the network.
func weeks(t *testing.T, seed uint64) decade.Plan {
	return decade.Plan{Seed: seed, From: time.Date(2026, 10, 19, 0, 0, 0, 0, decade.Site()), Days: 70, Customers: 40, Restore: 9, Outage: 15, Dir: folder(t)}
}

// TestWeeks lets some weeks pass.
//
// Requirement: ACO-9
func TestWeeks(t *testing.T) {
	r := decade.Run(weeks(t, 1))
	if wrong := r.Wrong(); len(wrong) > 0 {
		t.Errorf("%s\n%s", strings.Join(wrong, "\n"), r)
	}
	if r.Passes < 14_000 || r.Cuts < 5 || len(r.Months) < 2 || r.Human[store.Held] != 1 || r.Bytes == 0 {
		t.Errorf("not much happened: %s, %d months, human %v", r, len(r.Months), r.Human)
	}
}

// TestSameYears: the same plan gives the same time.
func TestSameYears(t *testing.T) {
	var all []*decade.Report
	for range 2 {
		p := weeks(t, 2)
		p.Days, p.Restore, p.Outage = 14, 0, 0
		all = append(all, decade.Run(p))
	}
	if diff := cmp.Diff(all[0], all[1], cmpopts.IgnoreFields(decade.Report{}, "Peak"), cmpopts.IgnoreFields(decade.Month{}, "Peak")); diff != "" {
		t.Error(diff)
	}
}

// months gives so many months in which the databases and the memory grow by so much each.
func months(n int, bytes, peak int64) (all []decade.Month) {
	for i := range int64(n) {
		all = append(all, decade.Month{Bytes: 8<<20 + i*bytes, Peak: 64<<20 + i*peak})
	}
	return all
}

// grown lets the products grow along.
func grown(all []decade.Month) []decade.Month {
	for i := range all {
		all[i].Records = int64(1000 + 15*i)
	}
	return all
}

// TestWrong: years in which something must not be are not good ones.
func TestWrong(t *testing.T) {
	for _, tt := range []struct {
		name   string
		report decade.Report
		want   []string
	}{
		{"good years", decade.Report{Months: months(120, 0, 0), Human: map[store.WaitKind]int{store.Conflicted: 3, store.Held: 1}, True: 3, Restores: 1}, nil},
		{"a little growth", decade.Report{Months: months(120, 10<<10, 100<<10)}, nil},
		{"as much more memory as records", decade.Report{Months: grown(months(120, 0, 1<<20))}, nil},
		{"nothing judged", decade.Report{}, []string{"no month was judged"}},
		{"an oracle", decade.Report{Months: months(1, 0, 0), Failures: []string{"W2"}}, []string{"W2"}},
		{"asked for an edit that had been seen", decade.Report{Months: months(1, 0, 0), Human: map[store.WaitKind]int{store.Conflicted: 3}, True: 2},
			[]string{"people were asked 1 times for a conflict that needs no person"}},
		{"asked for a brake", decade.Report{Months: months(1, 0, 0), Human: map[store.WaitKind]int{store.Brake: 2}}, []string{"people were asked 2 times for a brake that needs no person"}},
		{"asked twice for the restored data", decade.Report{Months: months(1, 0, 0), Human: map[store.WaitKind]int{store.Held: 2}, Restores: 1},
			[]string{"people were asked 1 times for a hold that needs no person"}},
		{"databases grow", decade.Report{Months: months(120, 100<<10, 0)}, []string{"the databases went from 14430208 to 20574208 bytes"}},
		{"memory grows", decade.Report{Months: months(120, 0, 1<<20)}, []string{"the memory went from 128974848 to 191889408 bytes"}},
		{"too big", decade.Report{Months: months(1, 0, 0), Bytes: 65 << 20, Peak: 513 << 20},
			[]string{"the databases take 68157440 bytes", "the process took 537919488 bytes of memory"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, tt.report.Wrong()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestLine is the line that ends the program's output.
func TestLine(t *testing.T) {
	r := decade.Report{Passes: 876000, Cuts: 520, Human: map[store.WaitKind]int{store.Conflicted: 3, store.Held: 1}, True: 3, Bytes: 20 << 20, Peak: 100 << 20}
	want := "passes=876000 cuts=520 human_actions=4 true_conflicts=3 state_bytes=20971520 rss_mib=100"
	if got := r.String(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
