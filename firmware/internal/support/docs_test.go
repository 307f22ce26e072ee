package support_test

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"syncbox/firmware/internal/health"
	"syncbox/firmware/internal/support"
	"syncbox/ota/order"
)

// documented are the orders of support's page, as they stand in its first column, with one of each.
var documented = []struct {
	name string
	op   order.Op
	args string
	role order.Role // the least that must do
}{
	{"`identify`", order.Identify, ``, order.Ops},
	{"`diag`", order.Diag, ``, order.Ops},
	{"`journal`", order.Journal, ``, order.Ops},
	{"`sync`", order.Sync, ``, order.Ops},
	{"`start`", order.Start, ``, order.Ops},
	{"`stop`", order.Stop, ``, order.Ops},
	{"`resync` 1", order.Resync, `{"level":1}`, order.Ops},
	{"`resync` 2", order.Resync, `{"level":2}`, order.Danger},
	{"`config`", order.Config, `{"set":[{"key":"box.language","value":"en"}]}`, order.Ops},
	{"`config` CRM", order.Config, `{"set":[{"key":"job.acomba.centrixone.url","value":"https://crm.example.org"}]}`, order.Danger},
	{"`config` CRM", order.Config, `{"set":[{"key":"support.broker","value":"mqtts://other.example.org"}]}`, order.Danger},
	{"`update`", order.Update, ``, order.Ops},
	{"`renew`", order.Renew, ``, order.Ops},
	{"`reboot`", order.Reboot, ``, order.Ops},
	{"`reset` app", order.Reset, `{"level":"app"}`, order.Ops},
	{"`reset` network", order.Reset, `{"level":"network"}`, order.Ops},
	{"`reset` full", order.Reset, `{"level":"full"}`, order.Danger},
	{"`cancel`", order.Cancel, ``, order.Ops},
	{"`desired`", order.Desired, wished, order.Fleet},
	{"`rollout`", order.Rollout, wished, order.Fleet},
	{"`downgrade`", order.Downgrade, wished, order.Danger},
}

var wished = `{"target":"1.4.0/arm64/full","version":"1.4.0","sha256":"` + strings.Repeat("01", 32) + `","bytes":1000,"percent":100,"salt":"s"}`

// TestSupportsPage holds support's page, in both languages, against what the box takes from whom.
//
// Requirement: ACO-84
func TestSupportsPage(t *testing.T) {
	for _, page := range []struct{ file, orders, codes, end, level string }{
		{"../../../docs/support-fr.md", "<!-- ordres", "<!-- codes", "<!-- fin -->", " niveau "},
		{"../../../docs/support-en.md", "<!-- orders", "<!-- codes", "<!-- end -->", " level "},
	} {
		b, err := os.ReadFile(page.file)
		if err != nil {
			t.Fatal(err)
		}
		rows := regexp.MustCompile("(?m)^\\| (`[^|]+) \\| `([a-z]+)` \\|").FindAllStringSubmatch(between(t, string(b), page.orders, page.end), -1)
		if len(rows) != len(documented)-1 { // two of them share a row
			t.Errorf("%s: %d orders, want %d", page.file, len(rows), len(documented)-1)
		}
		for _, d := range documented {
			op, detail, _ := strings.Cut(d.name, " ")
			i := slices.IndexFunc(rows, func(r []string) bool {
				name := strings.Replace(r[1], page.level, " ", 1)
				return name == d.name || detail != "" && strings.HasPrefix(name, op+" ") && strings.Contains(name, " "+detail)
			})
			if i < 0 {
				t.Errorf("%s does not tell of %s", page.file, d.name)
			} else if got := order.Role(rows[i][2]); got != d.role {
				t.Errorf("%s: %s is signed by %s, want %s", page.file, d.name, got, d.role)
			}
		}
		codes := between(t, string(b), page.codes, page.end)
		for _, c := range health.All() {
			ours := strings.HasPrefix(c.Code, "support-") || c.Code == support.CodeInterrupted || c.Code == support.CodeStarting
			if told := strings.Contains(codes, "| `"+c.Code+"` |"); told != ours {
				t.Errorf("%s: tells of %s: %t, want %t", page.file, c.Code, told, ours)
			}
		}
	}
}

func between(t *testing.T, text, from, to string) string {
	t.Helper()
	_, rest, found := strings.Cut(text, from)
	part, _, ends := strings.Cut(rest, to)
	if !found || !ends {
		t.Fatalf("no part from %q to %q", from, to)
	}
	return part
}

// TestWhoSigns: each order of the page is taken from those whom it names, and from nobody less.
func TestWhoSigns(t *testing.T) {
	keys := map[order.Role][]byte{order.Ops: {1}, order.Fleet: {3}, order.Danger: {4, 5}}
	for _, d := range documented {
		for role, by := range keys {
			t.Run(d.name+" by "+string(role), func(t *testing.T) {
				w := newWorld(t)
				if err := w.store.SetStanding(support.Standing{Groups: []string{"eu-1"}}); err != nil {
					t.Fatal(err)
				}
				to := "box:0001"
				if d.op == order.Rollout {
					to = "grp:eu-1"
				}
				o := order.Order{ID: id(1), To: to, Op: d.op, Args: json.RawMessage(d.args), Issued: start.Unix(), NotBefore: start.Unix(),
					Expires: start.Unix() + 60, Seq: start.UnixMilli(), Role: d.role}
				w.take(w.sign(o, by...))
				got := w.acks()
				if role == d.role && !slices.Equal(got, []string{"accepted"}) || role != d.role && len(got) > 0 {
					t.Errorf("told %q", got)
				}
			})
		}
	}
}
