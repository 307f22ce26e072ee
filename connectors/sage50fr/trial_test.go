package sage50fr_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors"
	"syncbox/connectors/sage50fr"
)

// Exchange folders are found by their folder out, with the kinds of exports in it; what lies below one is none.
func TestDossiers(t *testing.T) {
	none := &fstest.MapFile{}
	dir := &fstest.MapFile{Mode: fs.ModeDir}
	share := fstest.MapFS{
		"DUPONT/out/Clients.TXT": none, "DUPONT/out/pieces-1.txt": none, "DUPONT/out/readme.txt": none, "DUPONT/out/contacts.txt": dir,
		"DUPONT/old/out/clients.txt":         none,
		"sage/ets/MARTIN/out":                dir,
		"one/two/three/four/out/clients.txt": none,
		"images/clients.txt":                 none,
	}
	found, err := sage50fr.Dossiers(t.Context(), share, ".")
	want := []sage50fr.Found{{Folder: "DUPONT", Kinds: []string{sage50fr.Clients, sage50fr.Pieces}}, {Folder: "sage/ets/MARTIN"}}
	if diff := cmp.Diff(want, found); diff != "" || err != nil {
		t.Errorf("dossiers (-want +got):\n%s%v", diff, err)
	}
	if found, err := sage50fr.Dossiers(t.Context(), share, "DUPONT"); err != nil || len(found) != 1 {
		t.Errorf("from a dossier: %v, %v", found, err)
	}
	if _, err := sage50fr.Dossiers(t.Context(), share, "nowhere"); !errors.Is(err, fs.ErrNotExist) || connectors.KindOf(err) != connectors.Unavailable {
		t.Errorf("nowhere: %v", err)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if _, err := sage50fr.Dossiers(ended, share, "."); !errors.Is(err, context.Canceled) {
		t.Errorf("ended: %v", err)
	}
}

// tried gives what a trial tells of a kind.
func (r *rig) tried(kind string) sage50fr.Tried {
	r.t.Helper()
	found, err := r.dossier.Try(r.t.Context())
	r.check(err)
	if len(found.Exports) != 5 || !found.Imports {
		r.t.Fatalf("%d kinds, imports %v", len(found.Exports), found.Imports)
	}
	left, err := filepath.Glob(filepath.Join(r.conf.Dir, "*"))
	if r.check(err); len(left) > 0 {
		r.t.Errorf("left behind: %q", left)
	}
	return found.Exports[slices.IndexFunc(found.Exports, func(e sage50fr.Tried) bool { return e.Kind == kind })]
}

// Set-up is told of each export which columns were recognised, which are missing and how many records are in it.
//
// Requirement: S50-1
func TestTry(t *testing.T) {
	r := newRig(t)
	if got := r.tried(sage50fr.Clients); got.File != "" || got.Err != nil {
		t.Errorf("nothing there: %+v", got)
	}
	r.export("clients.txt", tabbed("Code client|Nom client|Type client|Ville|Bureau", "C1|A|Client|Lyon|1", "C2|B|Prospect|Nice|2", "C3|C|Client|Lille|3",
		"C3|C|Client|Lille|3", "|D|Client||", "C4|E|F|Client|Metz|5")...)
	got := r.tried(sage50fr.Clients)
	want := sage50fr.Tried{Kind: sage50fr.Clients, File: "clients.txt", Time: got.Time, Rows: 3, Prospects: 1,
		Held:    map[string]int{sage50fr.CodeRowTwice: 1, sage50fr.CodeRowCode: 1, sage50fr.CodeRowColumns: 1},
		Columns: []string{"Code client", "Nom client", "Type client", "Ville"}, Unknown: []string{"Bureau"}, Lacks: got.Lacks}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("clients (-want +got):\n%s", diff)
	}
	if !slices.Contains(got.Lacks, sage50fr.Lack{Field: "phone", Heading: "Téléphone"}) || len(got.Lacks) != 15 {
		t.Errorf("lacks %+v", got.Lacks)
	}
	r.export("pieces.txt", tabbed("Enr|Type de pièce|N° pièce|Date pièce|Code client|Code article|Quantité|PU HT", "E|Facture|F1|20/11/2026|C1|||", "L|||||A1|2|5")...)
	if got := r.tried(sage50fr.Pieces); got.Rows != 1 || got.Err != nil || len(got.Unknown) > 0 {
		t.Errorf("documents: %+v", got)
	}
}

// What can't be read says why, and the other exports are told all the same.
func TestTryRefused(t *testing.T) {
	good := "Code client\tNom client\r\nC1\tA\r\n"
	for _, tt := range []struct {
		name, text, code string
		joined           bool
	}{
		{"a heading in another language", "Customer code\tNom client\r\nC1\tA\r\n", sage50fr.CodeColumnMissing, false},
		{"a doubled column", "Code client\tNom client\tNom client\r\nC1\tA\tA\r\n", sage50fr.CodeColumnTwice, false},
		{"another separator", "Code client;Nom client\r\nC1;A\r\n", sage50fr.CodeColumnMissing, true},
		{"nothing in it", "", sage50fr.CodeExportEmpty, false},
		{"half an export", good + "C2", sage50fr.CodeRowCut, false},
		{"another encoding", "Code client\tNom client\r\nC1\t\xe9\r\n", sage50fr.CodeEncoding, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, func(c *sage50fr.Config) { c.Encoding = sage50fr.UTF8 })
			r.raw("clients.txt", []byte(tt.text), r.now)
			r.export("contacts.txt", tabbed("Code contact|Code client|Nom", "1|C1|A")...)
			got := r.tried(sage50fr.Clients)
			r.code(got.Err, connectors.Drift, tt.code)
			if got.Joined != tt.joined {
				t.Errorf("joined: %v", got.Joined)
			}
			if other := r.tried(sage50fr.Contacts); other.Rows != 1 || other.Err != nil {
				t.Errorf("the other one: %+v", other)
			}
		})
	}
}

// An export that is being written is told so, and a folder that is not there is an error of the whole.
func TestTryMoves(t *testing.T) {
	r := newRig(t)
	r.export("clients.txt", "Code client\tNom client")
	r.between = func() { r.export("clients.txt", "Code client\tNom client", "C1\tA") }
	r.code(r.tried(sage50fr.Clients).Err, connectors.Busy, sage50fr.CodeExportBusy)
	r.between = nil
	r.check(os.RemoveAll(filepath.Join(r.root, "DEMO/in")))
	found, err := r.dossier.Try(t.Context())
	if r.check(err); found.Imports {
		t.Error("a folder of imports that is not there")
	}
	r.check(os.RemoveAll(filepath.Join(r.root, "DEMO")))
	_, err = r.dossier.Try(t.Context())
	r.code(err, connectors.Unavailable, sage50fr.CodeDossierMissing)
}
