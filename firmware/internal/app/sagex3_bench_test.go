package app_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"syncbox/connectors/outlook/outlooktest"
	"syncbox/connectors/sagex3/sagex3test"
	"syncbox/firmware/internal/storytest"
)

// The goal is told for 50 users with 2000 items each, which takes as long as X3's rate lets it: -args -x3-users 50 -x3-items 2000.
var (
	benchUsers = flag.Int("x3-users", 10, "users of BenchmarkX3")
	benchItems = flag.Int("x3-items", 200, "items of each of them")
)

// ofAUser is one user's share of a site: a quarter of each object.
func ofAUser(users, items int) sagex3test.Seed {
	n := users * items / 4
	return sagex3test.Seed{Seed: 1, Users: users, Customers: 50, Correspondents: n, Tasks: n, Calls: n, Appointments: n}
}

// x3Site is a folder of X3 and the mailboxes of its users, filled, and the configuration of a box between them.
func x3Site(b *testing.B, users, items int) (x3 *sagex3test.Server, boxes *outlooktest.Service, path string) {
	b.Helper()
	x3, at, err := sagex3test.Listen(b.Context(), sagex3test.Options{})
	must(b, err)
	x3.Fill(ofAUser(users, items))
	var all []outlooktest.Mailbox
	for n := range users {
		all = append(all, outlooktest.Mailbox{Address: mailbox(n + 1)})
	}
	boxes, err = outlooktest.Listen(b.Context(), outlooktest.Options{Mailboxes: all})
	must(b, err)
	codes, err := storytest.FieldCodes(x3)
	must(b, err)
	dir := b.TempDir()
	text := fmt.Sprintf(folderText, filepath.Join(dir, "data"), at, storytest.FieldLines(codes)+"list_size = 100000\n", boxes.URL) + "per_minute = 60000\n"
	for n := range users {
		_, err := boxes.Person(mailbox(n + 1)).CreateList("Sage X3")
		must(b, err)
		text += fmt.Sprintf(jobText, fmt.Sprintf("user-%d", n+1), n+1) + everyRight
	}
	path = filepath.Join(dir, "syncbox.toml")
	must(b, os.WriteFile(path, []byte(strings.ReplaceAll(text, `interval = "1s"`, `interval = "1h"`)), 0o644))
	must(b, os.WriteFile(filepath.Join(dir, "secrets.toml"), []byte(folderSecrets), 0o600))
	return x3, boxes, path
}

// BenchmarkX3 has the box bring the users of a folder of X3 into their mailboxes for the first time; starts it again when nothing was
// changed, with a cycle that finds nothing; and again when an appointment was changed in X3, which its mailbox must show after that
// cycle. Each start is a process of its own. Requests and seconds are told for each user: one user beside all of them shows
// what an added one costs.
func BenchmarkX3(b *testing.B) {
	for _, users := range []int{1, *benchUsers} {
		b.Run(fmt.Sprintf("users=%d/items=%d", users, *benchItems), func(b *testing.B) {
			for b.Loop() {
				usersOfX3(b, users, *benchItems)
			}
		})
	}
}

func usersOfX3(b *testing.B, users, items int) {
	x3, boxes, path := x3Site(b, users, items)
	count := func() (int, int) { return x3.Counters().Calls, boxes.Counters().Calls }
	first := boxAlone(b, path)
	calls, requests := count()
	idle := boxAlone(b, path)
	callsIdle, requestsIdle := count()
	visit := x3.Records(sagex3test.Appointments)[0]
	must(b, x3.Administrator().Edit(sagex3test.Appointments, visit.Key, sagex3test.Values{sagex3test.Subject: "Reporté"}))
	edit := boxAlone(b, path)
	sides := storytest.Mailboxes{X3: x3, Outlook: boxes.Server, Of: map[string]string{}}
	var err error
	sides.Zone, err = time.LoadLocation("Europe/Paris")
	must(b, err)
	for n := range users {
		sides.Of[fmt.Sprintf("R%d", n+1)] = mailbox(n + 1)
	}
	if wrong := sides.Missing(); len(wrong) > 0 {
		b.Fatalf("%d records are not as they should be: %s", len(wrong), storytest.Some(wrong))
	}
	of := float64(users)
	first.report(b, users*items)
	b.ReportMetric(first.seconds, "first_s")
	b.ReportMetric(float64(calls)/of, "first_x3_calls/user")
	b.ReportMetric(float64(requests)/of, "first_graph_requests/user")
	b.ReportMetric(idle.seconds, "idle_s")
	b.ReportMetric(float64(callsIdle-calls)/of, "idle_x3_calls/user")
	b.ReportMetric(float64(requestsIdle-requests)/of, "idle_graph_requests/user")
	b.ReportMetric(edit.seconds, "edit_s")
}
