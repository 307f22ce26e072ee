package app_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/acomba/acombatest"
	"syncbox/connectors/centrixone/centrixonetest"
	"syncbox/firmware/internal/app"
	"syncbox/firmware/internal/config"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

// TestUnknownKeys finds keys that nobody reads, in every table of the configuration.
func TestUnknownKeys(t *testing.T) {
	rows := []struct {
		set  setup
		want string
	}{
		{setup{job: `intervall = "5m"`}, "job.intervall"},
		{setup{acomba: `encoding = "cp850"`}, "job.acomba.encoding"},
		{setup{centrix: `api_key = "` + crmKey + `"`}, "job.centrixone.api_key"},
		{setup{limits: `to_crm = 5`}, "job.limits.to_crm"},
	}
	for _, row := range rows {
		t.Run(row.want, func(t *testing.T) {
			row.set.unstarted = true
			r := newRig(t, row.set)
			_, err := config.Load(filepath.Join(r.dir, "syncbox.toml"))
			if err == nil || !strings.Contains(err.Error(), `"`+row.want+`"`) || !strings.Contains(err.Error(), "syncbox.toml") {
				t.Fatalf("got %v, want an error that names %s and the file", err, row.want)
			}
			if strings.Contains(err.Error(), crmKey) {
				t.Errorf("the message holds a secret: %v", err)
			}
		})
	}
}

// TestStateOfAnotherJob finds the state of another job in its folder: it is left as it is, and nothing runs.
func TestStateOfAnotherJob(t *testing.T) {
	r := newRig(t, setup{})
	r.halt()
	must(t, os.Rename(filepath.Join(r.data(), "exemple"), filepath.Join(r.data(), "other")))
	before, err := os.ReadFile(filepath.Join(r.data(), "other", "state.db"))
	must(t, err)
	r.replaceConfig(`name = "exemple"`, `name = "other"`)
	since := r.crm.Mark()
	r.start()
	r.refused("state-foreign")
	if got := r.crm.Mark(); got != since {
		t.Errorf("the CRM was called %d times", got-since)
	}
	r.halt()
	after, err := os.ReadFile(filepath.Join(r.data(), "other", "state.db"))
	must(t, err)
	if string(before) != string(after) {
		t.Error("the foreign state was changed")
	}
	must(t, os.Rename(filepath.Join(r.data(), "other"), filepath.Join(r.data(), "exemple")))
	r.replaceConfig(`name = "other"`, `name = "exemple"`)
	r.start()
	r.up()
	r.arrives(r.customer(0).CardPos, "Amqui")
	r.settled("with its own state")
}

// replaceConfig changes both configuration files.
func (r *rig) replaceConfig(old, new string) {
	r.t.Helper()
	for _, name := range []string{"syncbox.toml", "secrets.toml"} {
		b, err := os.ReadFile(filepath.Join(r.dir, name))
		must(r.t, err)
		text := strings.Replace(string(b), old, new, 1)
		text = strings.Replace(text, "[job."+between(old)+"]", "[job."+between(new)+"]", 1)
		r.writeFile(name, text)
	}
}

// between gives what stands between quotation marks.
func between(s string) string {
	_, s, _ = strings.Cut(s, `"`)
	s, _, _ = strings.Cut(s, `"`)
	return s
}

// refused waits until the job says that it does not run, and why.
func (r *rig) refused(code string) {
	r.t.Helper()
	r.until("the job does not run: "+code, func() bool {
		_, _, err := r.job.Engine()
		return errors.Is(err, app.ErrNotRunning) && connectors.CodeOf(err) == code
	})
	if err := r.job.Do(context.Background(), engine.Force, ""); !errors.Is(err, app.ErrNotRunning) || errors.Is(err, app.ErrStarting) {
		r.t.Errorf("a command to a job that does not run: %v", err)
	}
}

// TestCacheDamaged spoils, loses and swaps the rebuildable file: everything is looked at once more, and
// nothing is written or created for it.
func TestCacheDamaged(t *testing.T) {
	spoil := map[string]func(path string) error{
		"garbage": func(path string) error {
			return os.WriteFile(path, []byte(strings.Repeat("no database ", 3000)), 0o600)
		},
		"empty": func(path string) error { return os.WriteFile(path, nil, 0o600) },
		"cut":   func(path string) error { return os.Truncate(path, 5000) },
		"gone":  os.Remove,
		"foreign": func(path string) error {
			kv, err := store.OpenBolt(path)
			if err != nil {
				return err
			}
			return errors.Join(kv.Update(func(tx store.Tx) error { return tx.Put("meta", []byte("state"), []byte("12345678")) }), kv.Close())
		},
	}
	for name, fn := range spoil {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, setup{twoWay: true, writeBack: "direct"})
			r.confirm(r.customer(0).CardPos)
			r.halt()
			must(t, fn(filepath.Join(r.data(), "exemple", "cache.db")))
			since := r.crm.Mark()
			r.start()
			r.up()
			r.cycles(2)
			r.settled("after everything was looked at once more")
			if w := r.crm.Writes(centrixonetest.JournalQuery{After: since}); w.Created+w.Updated > 0 {
				t.Errorf("a lost cache made the box write: %+v", w)
			}
			r.arrives(r.customer(1).CardPos, "Amqui")
			r.edit(r.customer(2).CardPos, map[string]any{"City": "Matagami"})
			r.settled("work as usual")
			r.still()
		})
	}
}

// TestStopStartForce stops the job: nothing runs, not even after a restart or by force, until it is started.
//
// Requirement: ACO-8
func TestStopStartForce(t *testing.T) {
	r := newRig(t, setup{interval: "1s"})
	at := r.customer(0).CardPos
	r.do(engine.Stop, "")
	r.until("the job is stopped", func() bool { return r.status().Service == engine.Stopped })
	r.modify(at, func(c *acombatest.Customer) { c.City = "Amqui" })
	since := r.crm.Mark()
	r.do(engine.Force, "")
	r.do(engine.Stop, "") // comes back only once the first one was dealt with
	if got := r.crm.Mark(); got != since {
		t.Errorf("a stopped job made %d calls", got-since)
	}
	r.halt()
	r.start()
	r.until("it is still stopped", func() bool { return r.status().Service == engine.Stopped })
	r.do(engine.Stop, "")
	if got := r.crm.Mark(); got != since {
		t.Errorf("a stopped job made %d calls after a restart", got-since)
	}
	r.do(engine.Start, "")
	r.until("the change arrives", func() bool { return r.account(at).City == "Amqui" })
	r.settled("after the start")
}

// TestRestartsAnywhere ends the box again and again in the middle of its work.
func TestRestartsAnywhere(t *testing.T) {
	r := newRig(t, setup{twoWay: true, writeBack: "direct", interval: "1s", centrix: "", customers: 30, documents: 60, unstarted: true})
	for n := range 12 {
		r.start()
		begun := r.crm.Mark()
		r.until("some calls were made", func() bool { return r.crm.Mark() >= begun+int64(2+n) })
		r.halt()
	}
	r.start()
	r.settled("in the end")
	r.still()
}

// TestBlackout lets the box do nothing, and hold nothing of the share, while the company's backup runs.
//
// Requirement: ACO-6
func TestBlackout(t *testing.T) {
	for _, row := range []struct{ name, lines string }{
		{"backup", `backup = ["00:00-24:00"]`},
		{"hours", `allowed = ["` + hoursFrom(time.Now().Add(6*time.Hour)) + `"]`},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := newRig(t, setup{})
			at := r.customer(0).CardPos
			r.halt()
			r.modify(at, func(c *acombatest.Customer) { c.City = "Amqui" })
			r.set.job = row.lines + "\n"
			r.writeConfig()
			since := r.crm.Mark()
			r.start()
			r.until("the job waits", func() bool { return r.status().Service == engine.Blackout })
			r.do(engine.Force, "")
			r.do(engine.Force, "")
			if got := r.crm.Mark(); got != since {
				t.Errorf("%d calls were made meanwhile", got-since)
			}
			if held := r.handles(); len(held) > 0 {
				t.Errorf("the box holds %v", held)
			}
			r.halt()
			r.set.job = ""
			r.writeConfig()
			r.start()
			r.settled("after the backup")
		})
	}
}

// hoursFrom gives a window of two hours in the zone of a box that says nothing.
func hoursFrom(at time.Time) string {
	zone, err := time.LoadLocation("America/Toronto")
	if err != nil {
		panic(err)
	}
	h := at.In(zone).Hour()
	return fmt.Sprintf("%02d:00-%02d:00", h, (h+2)%24)
}

// handles lists what this process has open below the share.
func (r *rig) handles() (held []string) {
	r.t.Helper()
	all, err := filepath.Glob("/proc/self/fd/*")
	must(r.t, err)
	for _, fd := range all {
		if to, err := os.Readlink(fd); err == nil && strings.HasPrefix(to, r.share()) {
			held = append(held, to)
		}
	}
	return held
}

// TestTwoJobs runs two companies on one account of the CRM: each sees its own records only, and the trouble of
// one is not the other's.
//
// Requirement: ACO-74
func TestTwoJobs(t *testing.T) {
	r := newRig(t, setup{unstarted: true, crm: func(o *centrixonetest.Options) { o.Companies = []string{"Nord", "Sud"} }})
	south, err := acombatest.Create(filepath.Join(r.share(), "SUD"), acombatest.Options{Profile: acombatest.SIM2, Customers: 9, Documents: 11, Seed: 5})
	must(t, err)
	all, err := south.Customers()
	must(t, err)
	for _, c := range all {
		r.remember(c.Name)
	}
	job := func(name, company, list string) string {
		return fmt.Sprintf(boxText[strings.Index(boxText, "[[job]]"):], "two-way", "1h", fmt.Sprintf("external_id_prefix = %q", name+"."), r.share(),
			`write_back = "handoff"`, "", r.url, fmt.Sprintf("list = %q", list), "")
	}
	head := fmt.Sprintf("[box]\nname = \"syncbox-test\"\ndata = %q\n\n", r.data())
	r.writeFile("syncbox.toml", head+strings.Replace(job("nord", "EXEMPLE", "Acomba Nord"), `"exemple"`, `"nord"`, 1)+
		strings.NewReplacer(`"exemple"`, `"sud"`, "EXEMPLE", "SUD").Replace(job("sud", "SUD", "Acomba Sud")))
	r.writeFile("secrets.toml", strings.ReplaceAll(secretText, "exemple", "nord")+strings.ReplaceAll(secretText, "exemple", "sud"))
	r.start()
	count := func(prefix string) (accounts, documents int) {
		for _, a := range r.crm.Accounts() {
			if strings.HasPrefix(a.ExternalID, prefix+"CU") {
				accounts++
			}
		}
		for _, o := range r.crm.Opportunities() {
			if strings.HasPrefix(o.ExternalID, prefix+"DO") {
				documents++
			}
		}
		return accounts, documents
	}
	both := r.app.Jobs
	of := func(j *app.Job) *rig { one := *r; one.job = j; return &one }
	for i, want := range []string{"nord. 12 20", "sud. 9 11"} {
		of(both[i]).up()
		of(both[i]).drive(want, func() bool {
			prefix, _, _ := strings.Cut(want, " ")
			accounts, documents := count(prefix)
			return fmt.Sprint(prefix, " ", accounts, " ", documents) == want
		})
	}
	nord, sud := of(both[0]), of(both[1])
	list, _ := r.crm.ProtectedList("Nord")
	_, err = r.crm.Person(centrixonetest.Clerk).Create(centrixonetest.Accounts, centrixonetest.Fields{"Name": "Cidrerie du Haut-Pays", "Lists": []int64{list.ID}})
	must(t, err)
	back := r.moveAway(filepath.Join(r.share(), "SUD"), filepath.Join(r.dir, "aside"))
	nord.drive("the customer is for the north alone", func() bool { return len(nord.waits(store.HandedOff, "")) > 0 })
	sud.cycles(2)
	sud.ways(engine.Waits, "company-folder-missing")
	nord.cycle()
	nord.ways(engine.Success, "")
	back()
	sud.cycles(2)
	sud.ways(engine.Success, "")
	sud.listed(0, store.HandedOff, "")
	since := r.crm.Mark()
	nord.cycles(2)
	sud.cycles(2)
	if w := r.crm.Writes(centrixonetest.JournalQuery{After: since}); w.Created+w.Updated > 0 {
		t.Errorf("both jobs have nothing to do: %+v", w)
	}
	r.noDoubles()
}
