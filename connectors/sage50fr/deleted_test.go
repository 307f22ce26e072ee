package sage50fr_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/connectors/sage50fr"
)

// gone gives the clients that are gone.
func (r *rig) gone(n int) (all []string) {
	r.t.Helper()
	for _, line := range clients(n)[1:] {
		key := record.Key(strings.Split(line, "\t")[0])
		if r.read(record.Account, key).Gone {
			all = append(all, string(key))
		}
	}
	swept := 0
	r.check(r.dossier.Sweep(r.t.Context(), record.Account, func(record.Key) { swept++ }))
	if swept != n-len(all) {
		r.t.Errorf("swept %d of %d, %d are gone", swept, n, len(all))
	}
	return all
}

// A row that two full exports lack, an hour apart, is gone; one that comes back lives.
//
// Requirement: S50-19, S50-24, S50-36
func TestDeletedAfterTwoFullExports(t *testing.T) {
	for _, test := range []struct {
		name   string
		second []string // an export
		after  time.Duration
		want   []string
	}{
		{"an hour apart", clients(30, 7), time.Hour, []string{"CL007"}},
		{"too early", clients(30, 7), 59 * time.Minute, nil},
		{"it is back", clients(30), time.Hour, nil},
		{"another one is missing", clients(30, 8), time.Hour, nil},
		{"only what changed", clients(5), time.Hour, nil},
		{"under nine tenths", clients(30, 1, 2, 3, 7), time.Hour, nil},
		{"the line can't be read", append(clients(30, 7), "x\tCL007\tÉtablissement\t7\tLyon"), time.Hour, nil},
		{"nothing new", nil, 2 * time.Hour, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t)
			r.export("clients.txt", clients(30)...)
			r.check(r.look())
			r.now = r.now.Add(time.Hour)
			r.export("clients-2.txt", clients(30, 7)...)
			if r.check(r.look()); r.gone(30) != nil {
				t.Error("gone after one export")
			}
			at := r.now
			r.now = r.now.Add(test.after - 10*time.Second) // what the look waits
			if test.second != nil {
				r.export("clients-3.txt", test.second...)
			} else { // a copy of the same export
				r.raw("clients-3.txt", []byte(strings.Join(clients(30, 7), "\r\n")+"\r\n"), at.Add(-10*time.Second))
			}
			told := r.looked(record.Account)
			if diff := cmp.Diff(test.want, r.gone(30)); diff != "" {
				t.Errorf("gone (-want +got):\n%s", diff)
			}
			if test.want != nil && !slices.Equal(told, []record.Key{"CL007"}) {
				t.Errorf("told %v", told)
			}
			r.boot()
			if got := r.looked(record.Account); len(got) != 0 {
				t.Errorf("after a start: told %v", got)
			}
			r.now = r.now.Add(time.Hour)
			r.export("clients-4.txt", clients(30)...)
			if told := r.looked(record.Account); r.gone(30) != nil || test.want != nil && !slices.Equal(told, []record.Key{"CL007"}) {
				t.Errorf("it is back: told %v, gone %v", told, r.gone(30))
			}
		})
	}
}

// A shrinking export marks nothing until a person says so.
//
// Requirement: S50-39
func TestShrinkingExport(t *testing.T) {
	r := newRig(t)
	r.export("clients.txt", clients(200)...)
	r.check(r.look())
	less := clients(200, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
	for i := range 3 {
		r.now = r.now.Add(2 * time.Hour)
		r.export("clients.txt", less...)
		r.check(r.look())
		if n := r.notice(sage50fr.CodeShrunk); n == nil || n.Args["gone"] != "11" || n.Args["known"] != "200" {
			t.Fatalf("export %d: got %v", i, n)
		}
		if got := r.gone(200); got != nil {
			t.Fatalf("export %d: gone %v", i, got)
		}
	}
	r.boot()
	r.check(r.look())
	if r.notice(sage50fr.CodeShrunk) == nil {
		t.Error("forgotten after a start")
	}
	r.dossier.Accept()
	r.check(r.look())
	if got := r.gone(200); len(got) != 11 || r.notice(sage50fr.CodeShrunk) != nil {
		t.Errorf("accepted: gone %v", got)
	}
}

// Ten rows of a hundred may be missing; they are gone as any other.
func TestNotShrinking(t *testing.T) {
	r := newRig(t)
	r.export("clients.txt", clients(100)...)
	r.check(r.look())
	for range 2 {
		r.now = r.now.Add(2 * time.Hour)
		r.export("clients.txt", clients(100, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10)...)
		r.check(r.look())
	}
	if got := r.gone(100); len(got) != 10 {
		t.Errorf("gone %v", got)
	}
}

// An export that is cut, or only has what changed, changes what it has and no more.
func TestPartialExport(t *testing.T) {
	r := newRig(t)
	r.export("clients.txt", clients(50)...)
	r.check(r.look())
	r.now = r.now.Add(2 * time.Hour)
	whole := strings.ReplaceAll(strings.Join(clients(50), "\r\n"), "Lyon", "Marseille")
	cut := whole[:strings.Index(whole, "CL031")+len("CL031\tÉtablissement 31\tMarse")]
	r.raw("clients.txt", []byte(cut), r.now)
	if got := r.looked(record.Account); len(got) != 31 {
		t.Errorf("told %v", got)
	}
	if got := r.read(record.Account, "CL031"); got.Held != sage50fr.CodeRowCut || got.Fields["city"].Text != "Lyon" {
		t.Errorf("the last row: held %q, %v", got.Held, got.Fields)
	}
	if got := r.read(record.Account, "CL032"); got.Held != "" || got.Fields["city"].Text != "Lyon" {
		t.Errorf("a row that is not there: held %q, %v", got.Held, got.Fields)
	}
	if got := r.gone(50); got != nil {
		t.Errorf("gone %v", got)
	}
}

// An export that is older than one that was read is read, and deletes nothing: by its time, or by its documents.
//
// Requirement: S50-39
func TestOlderExport(t *testing.T) {
	documents := func(days ...string) []string {
		lines := []string{"Type de pièce|N° pièce|Date pièce|Code client|Validée"}
		for i, day := range days {
			lines = append(lines, "Facture|FA"+string(rune('A'+i))+"|"+day+"/11/2026|CL1|Oui")
		}
		return tabbed(lines...)
	}
	eleven := []string{"01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11"}
	r := newRig(t)
	r.export("pieces.txt", documents(eleven...)...)
	r.check(r.look())
	for range 2 {
		r.now = r.now.Add(2 * time.Hour)
		r.export("pieces.txt", documents(eleven[:10]...)...)
		r.check(r.look())
		if r.notice(sage50fr.CodeExportOlder) == nil {
			t.Error("a restored backup: nobody is told")
		}
	}
	if got := r.read(record.Document, "FAK"); got.Gone {
		t.Error("gone by a restored backup")
	}
	r.export("clients.txt", clients(30)...)
	r.check(r.look())
	for i := range 2 {
		r.now = r.now.Add(2 * time.Hour)
		r.raw("clients-old.txt", []byte(strings.Join(clients(30, 4), "\r\n")), r.now.Add(-100*time.Hour+time.Duration(i)*time.Minute))
		r.check(r.look())
		if r.notice(sage50fr.CodeExportOlder) == nil {
			t.Error("an old file: nobody is told")
		}
	}
	if got := r.gone(30); got != nil {
		t.Errorf("gone by an old file: %v", got)
	}
}

// An export of another dossier stops everything until a person says that it is this one's.
func TestOtherDossier(t *testing.T) {
	r := newRig(t)
	r.export("clients.txt", clients(20)...)
	r.check(r.look())
	r.now = r.now.Add(time.Hour)
	for _, other := range []string{strings.ReplaceAll(strings.Join(clients(20), "\n"), "Établissement", "Garage"), strings.ReplaceAll(strings.Join(clients(20), "\n"), "CL0", "X")} {
		r.now = r.now.Add(time.Minute)
		r.export("clients.txt", strings.Split(other, "\n")...)
		for range 2 {
			r.code(r.look(), connectors.Hold, sage50fr.CodeOtherDossier)
			if len(r.notes.Told) != 0 {
				t.Errorf("told %v", r.notes.Told)
			}
		}
		_, _, err := r.dossier.Read(t.Context(), record.Account, []record.Key{"CL001"})
		r.code(err, connectors.Hold, sage50fr.CodeOtherDossier)
	}
	wrong := filepath.Join(r.root, "DEMO/out/clients.txt")
	r.check(os.Rename(wrong, wrong+".away"))
	if r.check(r.look()); len(r.notes.Skipped) != 0 {
		t.Errorf("taken away: %v", r.notes.Skipped)
	}
	r.check(os.Rename(wrong+".away", wrong))
	r.dossier.Accept()
	r.check(r.look())
	if r.read(record.Account, "CL001").Gone || r.read(record.Account, "X01").Fields["name"].Text != "Établissement 1" {
		t.Error("accepted: what the other export lacks is gone, or what it has is not there")
	}
}

// What the box kept is lost: nothing counts as gone before two full exports have told.
func TestTableLost(t *testing.T) {
	r := newRig(t)
	r.export("clients.txt", clients(30)...)
	r.check(r.look())
	r.check(r.dossier.Close())
	r.check(os.RemoveAll(filepath.Join(r.conf.Dir, "clients.rows")))
	r.boot()
	r.now = r.now.Add(time.Hour)
	r.export("clients.txt", clients(5)...)
	r.check(r.look())
	r.code(r.notes.Skipped[record.Account], connectors.Unavailable, sage50fr.CodeTableLost)
	if err := r.dossier.Sweep(t.Context(), record.Account, func(record.Key) {}); err == nil {
		t.Error("a list that is not whole")
	}
	r.now = r.now.Add(time.Hour)
	r.export("clients.txt", clients(30, 7)...)
	if got := r.looked(record.Account); len(got) != 0 || r.notes.Skipped[record.Account] != nil {
		t.Errorf("a full export: told %v, %v", got, r.notes.Skipped)
	}
	_, later, err := r.dossier.Read(t.Context(), record.Account, []record.Key{"CL007"})
	if err != nil || len(later) != 1 {
		t.Errorf("what may be lost: later %v, %v", later, err)
	}
	r.code(r.dossier.Sweep(t.Context(), record.Account, func(record.Key) {}), connectors.Busy, sage50fr.CodeTableLost)
	r.now = r.now.Add(time.Hour)
	r.export("clients.txt", clients(30, 7)...)
	if got := r.looked(record.Account); !slices.Equal(got, []record.Key{"CL007"}) {
		t.Errorf("the second full export: told %v", got)
	}
	r.check(r.dossier.Sweep(t.Context(), record.Account, func(record.Key) {}))
}

// No export comes for a day.
//
// Requirement: S50-38
func TestNoExport(t *testing.T) {
	r := newRig(t)
	r.export("clients.txt", clients(3)...)
	r.check(r.look())
	if n := r.notice(sage50fr.CodeNotProvided); n == nil || r.notice(sage50fr.CodeNoExport) != nil {
		t.Errorf("kinds without an export: got %v", r.dossier.Notices())
	}
	r.now = r.now.Add(25 * time.Hour)
	r.check(r.look())
	if n := r.notice(sage50fr.CodeNoExport); n == nil || n.Args["kind"] != "clients" || n.Args["hours"] != "25" {
		t.Errorf("got %v", n)
	}
}
