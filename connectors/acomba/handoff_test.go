package acomba_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors"
	"syncbox/connectors/acomba"
	"syncbox/connectors/acomba/acombatest"
	"syncbox/connectors/record"
	"syncbox/connectors/share"
)

// handoffRig is a site in mode handoff.
func handoffRig(t testing.TB, profile acombatest.Profile) *rig {
	r := newRig(t, profile)
	r.set = acomba.WriteBack{Mode: acomba.WriteHandoff, Company: "Nord", Zone: time.FixedZone("EST", -5*3600)}
	r.boot()
	return r
}

func (r *rig) publish(changes ...connectors.Handoff) error {
	return r.writer.Publish(context.Background(), changes)
}

// sheets gives the hand-off files by name.
func (r *rig) sheets() map[string]string {
	r.t.Helper()
	found := map[string]string{}
	entries, err := os.ReadDir(r.station())
	must(r.t, err)
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(r.station(), e.Name()))
		must(r.t, err)
		found[e.Name()] = string(b)
	}
	return found
}

func (r *rig) names() []string {
	var names []string
	for name := range r.sheets() {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func handoff(id uint64, e record.Entity, key record.Key, field, current, wanted string, context record.Fields) connectors.Handoff {
	return connectors.Handoff{ID: id, At: time.Date(2026, 11, 20, 16, 5, 0, 0, time.UTC), Entity: e, Key: key, Field: field,
		Current: record.TextOf(current), Wanted: record.TextOf(wanted), By: "A77", Context: context}
}

// TestSheet holds every rule of the file against its bytes.
func TestSheet(t *testing.T) {
	r := handoffRig(t, acombatest.SIM1)
	roy := text("number", "C1001", "name", `Roy "et" fils; inc.`)
	born := text("number", "20261121093005123", "name", "Neuve inc.")
	must(t, r.publish(
		handoff(9, record.Contact, "", "email", "", "zoe@neuve.ca", born),
		handoff(8, record.Account, "", "name", "", "Neuve inc.", born),
		handoff(7, record.Account, "", "number", "", "20261121093005123", born),
		handoff(5, record.Contact, "12", "phone", "", "+1 514 555-0100", roy),
		handoff(3, record.Account, "12", "web", "www.roy.ca", "", roy),
		handoff(4, record.Account, "12", "address", "=1+1", "@home", roy),
		handoff(2, record.Account, "44", "name", "Été", "-30 °C inc.", text("number", "C7", "name", "Été")),
	))
	want := "\ufeff" + strings.Join([]string{
		`"No";"Date";"Action";"NoClient";"Client";"Champ";"ValeurActuelle";"NouvelleValeur";"DemandePar";"Etat"`,
		`"2";"2026-11-20 11:05";"Modifier";"C7";"Été";"Nom";"Été";"'-30 °C inc.";"A77";"À saisir"`,
		`"4";"2026-11-20 11:05";"Modifier";"C1001";"Roy ""et"" fils; inc.";"Adresse";"'=1+1";"'@home";"A77";"À saisir"`,
		`"5";"2026-11-20 11:05";"Modifier";"C1001";"Roy ""et"" fils; inc.";"Téléphone";"";"'+1 514 555-0100";"A77";"À saisir"`,
		`"3";"2026-11-20 11:05";"Modifier";"C1001";"Roy ""et"" fils; inc.";"Site Web";"www.roy.ca";"";"A77";"À saisir"`,
		`"7";"2026-11-20 11:05";"Créer";"20261121093005123";"Neuve inc.";"Numéro";"";"20261121093005123";"A77";"À saisir"`,
		`"8";"2026-11-20 11:05";"Créer";"20261121093005123";"Neuve inc.";"Nom";"";"Neuve inc.";"A77";"À saisir"`,
		`"9";"2026-11-20 11:05";"Créer";"20261121093005123";"Neuve inc.";"Courriel";"";"zoe@neuve.ca";"A77";"À saisir"`,
	}, "\r\n") + "\r\n"
	if diff := cmp.Diff(map[string]string{"A-SAISIR_Nord_20261121-093005.csv": want}, r.sheets()); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

func TestSheetTellsOfACustomerThatIsNotThereYet(t *testing.T) {
	r := handoffRig(t, acombatest.SIM1)
	a := handoff(2, record.Account, "", "number", "", "17", nil)
	b := handoff(1, record.Account, "", "name", "", "Neuve inc.", nil)
	other := handoff(3, record.Account, "", "name", "", "Autre inc.", nil)
	other.By = "A78"
	must(t, r.publish(a, b, other))
	for _, sheet := range r.sheets() {
		if !strings.Contains(sheet, `"Créer";"17";"Neuve inc.";"Nom"`) || !strings.Contains(sheet, `"Créer";"";"Autre inc.";"Nom"`) {
			t.Errorf("got %s", sheet)
		}
	}
}

func TestVersionsOfTheSheet(t *testing.T) {
	r := handoffRig(t, acombatest.SIM1)
	foreign := []string{"A-SAISIR_Nord_2_20261121-093005.csv", "A-SAISIR_Sud_20261121-093005.csv", "A-SAISIR_Nord_notes.csv",
		"A-SAISIR_Nord_20261121-093005.5.csv", "lisez-moi.txt"}
	for _, name := range foreign {
		must(t, os.WriteFile(filepath.Join(r.station(), name), nil, 0o644))
	}
	one := handoff(1, record.Account, "12", "city", "Laval", "Québec", nil)
	two := handoff(2, record.Account, "13", "city", "Laval", "Québec", nil)
	steps := []struct {
		name    string
		after   time.Duration
		changes []connectors.Handoff
		want    []string
	}{
		{"nothing to do", 0, nil, nil},
		{"first", 0, []connectors.Handoff{one}, []string{"A-SAISIR_Nord_20261121-093005.csv"}},
		{"the same again", time.Hour, []connectors.Handoff{one}, []string{"A-SAISIR_Nord_20261121-093005.csv"}},
		{"another version", time.Minute, []connectors.Handoff{one, two}, []string{"A-SAISIR_Nord_20261121-103105.csv"}},
		{"in the same second", 300 * time.Millisecond, []connectors.Handoff{two}, []string{"A-SAISIR_Nord_20261121-103106.csv"}},
		{"the clock went back", -48 * time.Hour, []connectors.Handoff{one}, []string{"A-SAISIR_Nord_20261121-103107.csv"}},
		{"all keyed", time.Minute, nil, nil},
	}
	for _, step := range steps {
		t.Run(step.name, func(t *testing.T) {
			r.clock = r.clock.Add(step.after)
			must(t, r.publish(step.changes...))
			want := append(slices.Clone(foreign), step.want...)
			slices.Sort(want)
			if diff := cmp.Diff(want, r.names()); diff != "" {
				t.Errorf("files (-want +got):\n%s", diff)
			}
		})
	}
}

// TestVersionInTheHourThatComesTwice: the newest file has the latest name even when summer time ends.
func TestVersionInTheHourThatComesTwice(t *testing.T) {
	r := handoffRig(t, acombatest.SIM1)
	zone, err := time.LoadLocation("America/Toronto")
	must(t, err)
	r.set.Zone = zone
	r.boot()
	r.clock = time.Date(2026, 11, 1, 5, 30, 0, 0, time.UTC) // 01:30, summer time
	must(t, r.publish(handoff(1, record.Account, "12", "city", "Laval", "Québec", nil)))
	r.clock = r.clock.Add(50 * time.Minute) // 01:20, standard time
	must(t, r.publish(handoff(2, record.Account, "13", "city", "Laval", "Québec", nil)))
	if diff := cmp.Diff([]string{"A-SAISIR_Nord_20261101-013001.csv"}, r.names()); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

func TestSameContentIsNotWrittenAgain(t *testing.T) {
	r := handoffRig(t, acombatest.SIM1)
	one := handoff(1, record.Account, "12", "city", "Laval", "Québec", nil)
	must(t, r.publish(one))
	name := filepath.Join(r.station(), r.names()[0])
	before, err := os.Stat(name)
	must(t, err)
	r.boot() // nothing is remembered
	must(t, r.publish(one))
	after, err := os.Stat(name)
	must(t, err)
	if !os.SameFile(before, after) || !before.ModTime().Equal(after.ModTime()) {
		t.Error("the file was written again")
	}
}

// A power cut leaves a stump. It goes with the next list, or when there is none; other people's stay.
func TestStumpOfAnInterruptedList(t *testing.T) {
	r := handoffRig(t, acombatest.SIM1)
	one := handoff(1, record.Account, "12", "city", "Laval", "Québec", nil)
	stump := func() {
		for _, name := range []string{"A-SAISIR_Nord_20261121-093000.csv.part", "A-SAISIR_Sud_20261121-093000.csv.part"} {
			must(t, os.WriteFile(filepath.Join(r.station(), name), []byte("NoClient"), 0o644))
		}
	}
	stump()
	must(t, r.publish(one))
	if diff := cmp.Diff([]string{"A-SAISIR_Nord_20261121-093005.csv", "A-SAISIR_Sud_20261121-093000.csv.part"}, r.names()); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	stump()
	must(t, r.publish())
	if diff := cmp.Diff([]string{"A-SAISIR_Sud_20261121-093000.csv.part"}, r.names()); diff != "" {
		t.Errorf("files after all was keyed (-want +got):\n%s", diff)
	}
}

func TestNameOfTheCompany(t *testing.T) {
	r := handoffRig(t, acombatest.SIM1)
	r.set.Company = ` Nord/Sud: "A*B" <1>|2?\3 `
	r.boot()
	must(t, r.publish(handoff(1, record.Account, "12", "city", "", "Québec", nil)))
	if diff := cmp.Diff([]string{"A-SAISIR_Nord_Sud_ _A_B_ _1__2__3_20261121-093005.csv"}, r.names()); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

// drops is a hand-off folder that refuses, as a server does.
type drops struct {
	acomba.Dropper
	list, drop, remove error
	held               string // open in Excel: can be neither read nor removed
	calls              []string
}

func serverSays(class share.Class) error {
	code := share.Codes()[class]
	kind := connectors.Unavailable
	if class == share.Busy {
		kind = connectors.Busy
	}
	return &connectors.Error{Kind: kind, Code: code}
}

func (d *drops) List(ctx context.Context, dir string) (whole, stumps []string, err error) {
	if d.list != nil {
		return nil, nil, d.list
	}
	return d.Dropper.List(ctx, dir)
}

func (d *drops) Drop(ctx context.Context, dir, name string, content []byte) error {
	d.calls = append(d.calls, dir+"/"+name)
	if d.drop != nil {
		return d.drop
	}
	if name == d.held {
		return serverSays(share.Busy)
	}
	return d.Dropper.Drop(ctx, dir, name, content)
}

func (d *drops) Remove(ctx context.Context, dir, name string) error {
	d.calls = append(d.calls, dir+"/"+name)
	if d.remove != nil {
		return d.remove
	}
	if name == d.held {
		return serverSays(share.Busy)
	}
	return d.Dropper.Remove(ctx, dir, name)
}

func TestSheetHeldOpenInExcel(t *testing.T) {
	r := handoffRig(t, acombatest.SIM1)
	d := &drops{Dropper: r.drops}
	r.drops = d
	r.boot()
	one := handoff(1, record.Account, "12", "city", "Laval", "Québec", nil)
	two := handoff(2, record.Account, "13", "city", "Laval", "Québec", nil)
	must(t, r.publish(one))
	old := r.names()[0]
	d.held = old
	r.clock = r.clock.Add(time.Minute)
	for range 2 { // the second time finds what the first has made
		err := r.publish(one, two)
		if connectors.KindOf(err) != connectors.Busy || connectors.CodeOf(err) != acomba.CodeHandoffBusy {
			t.Errorf("got %v, want %s", err, acomba.CodeHandoffBusy)
		}
		if diff := cmp.Diff([]string{old, "A-SAISIR_Nord_20261121-093105.csv"}, r.names()); diff != "" {
			t.Errorf("files (-want +got):\n%s", diff)
		}
	}
	d.held = ""
	must(t, r.publish(one, two))
	if diff := cmp.Diff([]string{"A-SAISIR_Nord_20261121-093105.csv"}, r.names()); diff != "" {
		t.Errorf("after closing (-want +got):\n%s", diff)
	}
}

func TestHandoffFolderTroubles(t *testing.T) {
	tests := []struct {
		name string
		d    drops
		kind connectors.Kind
		code string
	}{
		{"read-only share", drops{drop: serverSays(share.ReadOnly)}, connectors.Unavailable, share.CodeReadOnly},
		{"no right to write", drops{drop: serverSays(share.Denied)}, connectors.Unavailable, share.CodeDenied},
		{"disk full", drops{drop: serverSays(share.Full)}, connectors.Unavailable, share.CodeFull},
		{"no folder", drops{list: serverSays(share.Gone)}, connectors.Unavailable, acomba.CodeHandoffFolder},
		{"server gone", drops{list: serverSays(share.Dead)}, connectors.Unavailable, share.CodeUnreachable},
		{"old one stays", drops{remove: serverSays(share.Denied)}, connectors.Unavailable, share.CodeDenied},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := handoffRig(t, acombatest.SIM1)
			must(t, r.publish(handoff(1, record.Account, "12", "city", "Laval", "Québec", nil)))
			old := r.names()[0]
			d := test.d
			d.Dropper, r.drops, r.clock = r.drops, &d, r.clock.Add(time.Minute)
			r.boot()
			err := r.publish(handoff(2, record.Account, "13", "city", "Laval", "Québec", nil))
			if connectors.KindOf(err) != test.kind || connectors.CodeOf(err) != test.code {
				t.Errorf("got %v, want %v %s", err, test.kind, test.code)
			}
			if !slices.Contains(r.names(), old) {
				t.Error("the old list is gone")
			}
		})
	}
	t.Run("folder really missing", func(t *testing.T) {
		r := handoffRig(t, acombatest.SIM1)
		must(t, os.Remove(r.station()))
		err := r.publish(handoff(2, record.Account, "13", "city", "Laval", "Québec", nil))
		if connectors.CodeOf(err) != acomba.CodeHandoffFolder {
			t.Errorf("got %v", err)
		}
	})
}

// TestHandoffWritesOnlyItsOwnFiles: whatever is asked for, the company folder stays as it is, and the
// box touches nothing outside its folder.
func TestHandoffWritesOnlyItsOwnFiles(t *testing.T) {
	for _, profile := range []acombatest.Profile{acombatest.SIM1, acombatest.SIM2} {
		t.Run(string(profile), func(t *testing.T) {
			r := handoffRig(t, profile)
			d := &drops{Dropper: r.drops}
			r.drops = d
			r.boot()
			before := r.snapshot()
			c := r.customer(3)
			for _, op := range []connectors.Op{update(record.Account, c.CardPos, text("city", "Laval")), birth("20261121093005123")} {
				if got := r.write(op); got.Outcome != connectors.NotApplied || connectors.KindOf(got.Err) != connectors.Rejected {
					t.Errorf("got %+v", got)
				}
			}
			must(t, r.publish(handoff(1, record.Account, keyOf(c.CardPos), "city", c.City, "Laval", nil)))
			if moved := touched(before, r.snapshot()); len(moved) > 0 {
				t.Errorf("moved: %v", moved)
			}
			if len(r.cards.names) > 0 {
				t.Errorf("opened for writing: %v", r.cards.names)
			}
			for _, call := range d.calls {
				if !strings.HasPrefix(call, "SyncBox/A-SAISIR_Nord_") {
					t.Errorf("touched %s", call)
				}
			}
		})
	}
}

// TestPersonKeysTheSheet: what a person reads out of the file and keys is what was wanted.
// Requirement: ACO-9, ACO-15, ACO-16, ACO-17, ACO-18, ACO-19, ACO-20, ACO-58
func TestPersonKeysTheSheet(t *testing.T) {
	for _, profile := range []acombatest.Profile{acombatest.SIM1, acombatest.SIM2} {
		t.Run(string(profile), func(t *testing.T) {
			r := handoffRig(t, profile)
			c := r.customer(3)
			who := text("number", c.Number, "name", c.Name)
			account := text("name", "Nouveau nom inc.", "address", "1, rue de l'Été", "city", "Lévis", "province", "QC", "postal_code", "G6V 1A1", "iso_country", "CA", "web", "www.nom.ca")
			contact := text("full_name", "Zoé Côté", "phone", "514 555-0100 #12", "fax", "514 555-0101", "mobile", "438 555-0102", "email", "zoe@nom.ca")
			born := birth("20261121093005123")
			var changes []connectors.Handoff
			add := func(e record.Entity, key record.Key, fields, who record.Fields) {
				for _, name := range fields.Names() {
					changes = append(changes, handoff(uint64(len(changes)+1), e, key, name, "", fields[name].Text, who))
				}
			}
			add(record.Account, keyOf(c.CardPos), account, who)
			add(record.Contact, keyOf(c.CardPos), contact, who)
			add(record.Account, "", born.Fields, born.Fields)
			must(t, r.publish(changes...))

			p := &acombatest.Person{Station: r.company, Box: acombatest.NewDir(r.station()), Company: "Nord"}
			keyed, err := p.KeyLatest(acombatest.Manner{})
			must(t, err)
			if len(keyed) != 2 {
				t.Fatalf("keyed cards %v, want two", keyed)
			}
			shown := func(position int32, e record.Entity) record.Fields {
				raw, err := r.company.Raw(acombatest.CustomerTable, position)
				must(t, err)
				card, err := r.layout.File("CUSTOMER").Decode(position, raw)
				must(t, err)
				f, err := screen{}.ShowCard(e, &card)
				must(t, err)
				return f
			}
			check := func(want, got record.Fields) {
				t.Helper()
				for name, v := range want {
					if !got[name].Equal(v) {
						t.Errorf("field %s shows %q, want %q", name, got[name].Text, v.Text)
					}
				}
			}
			check(account, shown(c.CardPos, record.Account))
			check(contact, shown(c.CardPos, record.Contact))
			for _, position := range keyed {
				if position != c.CardPos {
					check(born.Fields, shown(position, record.Account))
				}
			}
			must(t, r.publish())
			if names := r.names(); len(names) > 0 {
				t.Errorf("left: %v", names)
			}
		})
	}
}

func TestOffWritesNothing(t *testing.T) {
	r := newRig(t, acombatest.SIM1)
	r.set = acomba.WriteBack{}
	r.boot()
	before := r.snapshot()
	if got := r.write(update(record.Account, 3, text("city", "Laval"))); got.Outcome != connectors.NotApplied || connectors.KindOf(got.Err) != connectors.Rejected {
		t.Errorf("got %+v", got)
	}
	must(t, r.publish())
	if err := r.publish(handoff(1, record.Account, "3", "city", "", "Laval", nil)); connectors.KindOf(err) != connectors.Rejected {
		t.Errorf("got %v", err)
	}
	if moved := touched(before, r.snapshot()); len(moved)+len(r.names())+len(r.cards.names) > 0 {
		t.Error("written in mode off:", fmt.Sprint(moved, r.names(), r.cards.names))
	}
}
