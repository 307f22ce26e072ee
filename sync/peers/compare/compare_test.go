package compare

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestCPUOf(t *testing.T) {
	got, err := cpuOf("7 (node red) (x) S 1 7 7 0 -1 4194304 9 0 0 0 123 45 0 0 20 0 11 0 99\n")
	if err != nil || got != 1680*time.Millisecond {
		t.Errorf("got %v, %v", got, err)
	}
	if _, err := cpuOf("7 (node) S 1"); err == nil {
		t.Error("half a line: no error")
	}
}

func TestMemoryLine(t *testing.T) {
	status := "Name:\tVmHWM:\nVmHWM:\t   2048 kB\nRssAnon:\t     512 kB\n"
	for name, want := range map[string]float64{peakMemory: 2, ownMemory: 0.5} {
		if got, err := mib(status, name); err != nil || got != want {
			t.Errorf("%s got %v, %v", name, got, err)
		}
	}
	if _, err := mib("Name:\tx\n", peakMemory); err == nil {
		t.Error("no such line: no error")
	}
}

func TestFiguresAreLines(t *testing.T) {
	var ours, theirs figures
	ours.add("detect_cpu", 0.01, "s")
	ours.add("resent", 1, "records")
	ours.add("only_ours", 1, "s")
	theirs.add("detect_cpu", 2.345678, "s")
	theirs.add("resent", 100000, "records")
	var out strings.Builder
	theirs.print(&out, "x")
	theirs.over(ours).print(&out, "x")
	want := "syncbox/sync/peers.x_detect_cpu 2.346 s\nsyncbox/sync/peers.x_resent 100000 records\nsyncbox/sync/peers.x_detect_cpu_ratio 234.6 x\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
}

func TestMedian(t *testing.T) {
	for want, all := range map[float64][]time.Duration{2: {3 * time.Second, time.Second, 2 * time.Second}, 1.5: {2 * time.Second, time.Second}} {
		if got := median(all); got != want {
			t.Errorf("%v: got %v", all, got)
		}
	}
}

// A round changes exactly the rows that are expected, to the numbers that are expected.
func TestCustomersChange(t *testing.T) {
	c, path := Customers{Rows: 3000, Changed: 20}, filepath.Join(t.TempDir(), "c.csv")
	read := func(round int) []string {
		if err := c.Write(path, round); err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Split(string(b), "\n")
	}
	before, longer := read(0), 0
	if size := len(strings.Join(before, "\n")) / c.Rows; size < 450 || size > 520 {
		t.Errorf("%d bytes a row", size)
	}
	for round := 1; round <= 4; round++ {
		now, want := read(round), c.Expect(round)
		for i := range now {
			if now[i] == before[i] {
				continue
			}
			id, _, _ := strings.Cut(now[i], ",")
			if !strings.Contains(now[i], ","+want[id]+",") || want[id] == "" {
				t.Errorf("round %d: %s changed otherwise", round, id)
			}
			if len(now[i]) != len(before[i]) {
				longer++
			}
			delete(want, id)
		}
		if len(want) > 0 {
			t.Errorf("round %d did not change %v", round, want)
		}
		before = now
	}
	if longer == 0 {
		t.Error("no row changed its length")
	}
}

func TestTelegrafLooks(t *testing.T) {
	at := time.Date(2026, 11, 21, 14, 0, 14, 0, time.UTC)
	for after, want := range map[time.Duration]int{2 * time.Second: 1, 15 * time.Second: 1, 17 * time.Second: 2} {
		if got := (&telegraf{}).looks(1, at, at.Add(after)); got != want {
			t.Errorf("after %v: got %d, want %d", after, got, want)
		}
	}
}

// The sink must have got the changed rows, with their new numbers, once, and nothing else.
func TestExact(t *testing.T) {
	a, err := newArena()
	if err != nil {
		t.Fatal(err)
	}
	defer a.close()
	m := &meet{arena: a, Options: Options{Customers: Customers{Rows: 50, Changed: 3}}, round: 1}
	want := m.Customers.Expect(1)
	post := func(rows map[string]string) {
		t.Helper()
		var body []map[string]string
		for id, phone := range rows {
			body = append(body, map[string]string{"id": id, "phone": phone})
		}
		text, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := http.Post(a.url, "application/json", bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
	}
	other, wrong, fewer := maps.Clone(want), maps.Clone(want), maps.Clone(want)
	other["X"] = "1"
	for id := range want {
		wrong[id] = "0"
		delete(fewer, id)
		break
	}
	for _, test := range []struct {
		name  string
		posts []map[string]string
		right bool
	}{
		{"exactly", []map[string]string{want}, true}, {"twice", []map[string]string{want, want}, false},
		{"another row", []map[string]string{other}, false}, {"an old number", []map[string]string{wrong}, false},
		{"one missing", []map[string]string{fewer}, false},
	} {
		m.sink.Begin()
		for _, rows := range test.posts {
			post(rows)
		}
		if err := m.exact(); (err == nil) != test.right {
			t.Errorf("%s: got %v", test.name, err)
		}
	}
}
