package sage50fr_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/connectors/sage50fr"
)

const (
	clientColumns  = "Code client|Nom client|Type client|Ville|Téléphone|Référence externe"
	contactColumns = "Code contact|Code client|Prénom|Nom|E-mail|Référence externe"
	pieceColumns   = "Type|Type de pièce|N° pièce|Date pièce|Code client|Référence pièce|Code article|Quantité|PU HT|Taux TVA|Validée"
)

// written is a rig with a client, a prospect, a contact and a quote, all looked at.
func written(t testing.TB, change ...func(*sage50fr.Config)) *rig {
	t.Helper()
	r := newRig(t, change...)
	r.export("clients.txt", tabbed(clientColumns, "CL1|Dupont|Client|Lyon|01|", "PR1|Petit|Prospect|Nice|02|")...)
	r.export("contacts.txt", tabbed(contactColumns, "C1|PR1|Anne|Martin|a@example.fr|")...)
	r.export("pieces.txt", tabbed(pieceColumns, "E|Devis|DE1|01/11/2026|CL1|||||| ", "L||||||A1|2|10|20|")...)
	r.check(r.look())
	return r
}

// in gives the names in the folder of the imports, but for the note for people.
func (r *rig) in() []string {
	r.t.Helper()
	var names []string
	for _, e := range must(os.ReadDir(filepath.Join(r.root, "DEMO/in")))(r.t) {
		if e.Name() != "LISEZ-MOI.txt" {
			names = append(names, e.Name())
		}
	}
	return names
}

func (r *rig) file(name string) string {
	r.t.Helper()
	b := must(os.ReadFile(filepath.Join(r.root, "DEMO/in", name)))(r.t)
	return string(must(charmap.Windows1252.NewDecoder().Bytes(b))(r.t))
}

// becomes renames a file of the imports, or takes it away.
func (r *rig) becomes(name, other string) {
	r.t.Helper()
	from := filepath.Join(r.root, "DEMO/in", name)
	if other == "" {
		r.check(os.Remove(from))
		return
	}
	r.check(os.Rename(from, filepath.Join(r.root, "DEMO/in", other)))
}

func (r *rig) err(name, text string) {
	r.t.Helper()
	r.check(os.WriteFile(filepath.Join(r.root, "DEMO/in", name), []byte(text), 0o600))
}

func (r *rig) folderIs(want ...string) {
	r.t.Helper()
	if diff := cmp.Diff(want, r.in()); diff != "" {
		r.t.Errorf("in (-want +got):\n%s", diff)
	}
}

// later is the next look, some minutes on.
func (r *rig) later() {
	r.t.Helper()
	r.now = r.now.Add(time.Minute)
	r.check(r.look())
}

func (r *rig) states() []string {
	var all []string
	for _, h := range r.dossier.HandedOver() {
		all = append(all, strings.TrimSpace(string(h.State)+" "+h.Reference+string(h.Key)+" "+h.Code))
	}
	slices.Sort(all)
	return all
}

func (r *rig) statesAre(want ...string) {
	r.t.Helper()
	if diff := cmp.Diff(want, r.states()); diff != "" {
		r.t.Errorf("states (-want +got):\n%s", diff)
	}
}

// wish makes hand-offs of one record: of key, or to be born for by.
func wish(e record.Entity, key, by record.Key, fields record.Fields) []connectors.Handoff {
	var all []connectors.Handoff
	for _, name := range fields.Names() {
		all = append(all, connectors.Handoff{Entity: e, Key: key, By: by, Field: name, Wanted: fields[name]})
	}
	return all
}

func quote(by record.Key, account record.Key) []connectors.Handoff {
	return wish(record.Quote, "", by, record.Fields{"account": record.RefOf(account), "date": record.DateOf(time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)),
		"lines": record.RowsOf(record.Fields{"product": text("A1"), "quantity": money("2.5"), "description": text("Lampe «\tdorée »"), "price": money("99")})})
}

func (r *rig) publish(changes ...[]connectors.Handoff) {
	r.t.Helper()
	r.check(r.dossier.Publish(r.t.Context(), slices.Concat(changes...)))
}

// What the import files of the three kinds say.
//
// Requirement: S50-7, S50-11, S50-12, S50-17
func TestImportFiles(t *testing.T) {
	r := written(t)
	r.publish(wish(record.Account, "", "7", record.Fields{"name": text("Café \"Œuf\"\r\n日"), "city": text("Pau"), "status": text("prospect")}),
		wish(record.Account, "PR1", "3", record.Fields{"phone": text("03")}),
		wish(record.Contact, "", "9", record.Fields{"account": record.RefOf("CL1"), "last_name": text("Roux")}),
		quote("131", "CL1"))
	r.folderIs("contacts-1.TXT", "devis-1.TXT", "prospects-1.TXT")
	for name, want := range map[string][]string{
		"prospects-1.TXT": {"Code client|Nom client|Type client|Ville|Téléphone|Référence externe", "|Café  Œuf   ?|Prospect|Pau||SSM-7", "PR1|Petit|Prospect|Nice|03|"},
		"contacts-1.TXT":  {"Code contact|Code client|Prénom|Nom|E-mail|Référence externe", "|CL1||Roux||SSM-9"},
		"devis-1.TXT": {"Type|Type de pièce|Date pièce|Référence pièce|Code représentant pièce|Code client|Code article|Quantité|Description",
			"E|Devis|21/11/2026|SSM-131||CL1|||", "L||||||A1|2,5|Lampe « dorée »"},
	} {
		if diff := cmp.Diff(strings.Join(tabbed(want...), "\r\n")+"\r\n", r.file(name)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	note := string(must(os.ReadFile(filepath.Join(r.root, "DEMO/in/LISEZ-MOI.txt")))(t))
	for _, line := range []string{"prospects-1.TXT\u202f: à importer avec le format «\u00a0SyncBox prospects\u00a0» (2 prospects)", "(1 contact)", "(1 devis)"} {
		if !strings.Contains(note, line) {
			t.Errorf("the note lacks %q:\n%s", line, note)
		}
	}
	r.statesAre("handed PR1", "handed SSM-131", "handed SSM-7", "handed SSM-9")
}

// The same wishes again change nothing; further ones of a kind wait until its file was taken.
func TestOneFileAtATime(t *testing.T) {
	r := written(t)
	r.publish(quote("1", "CL1"))
	r.publish(quote("1", "CL1"), quote("2", "CL1"), quote("3", "CL1"))
	r.publish(quote("1", "CL1"), quote("2", "CL1"))
	r.folderIs("devis-1.TXT")
	r.statesAre("handed SSM-1", "waiting SSM-2")
	r.becomes("devis-1.TXT", "devis-1.BAK")
	r.publish(quote("1", "CL1"), quote("2", "CL1"))
	r.folderIs("devis-1.BAK", "devis-2.TXT")
	if got := r.file("devis-2.TXT"); strings.Contains(got, "SSM-1\t") || !strings.Contains(got, "SSM-2\t") {
		t.Errorf("the second file says %q", got)
	}
	r.statesAre("handed SSM-2", "taken SSM-1")
}

// Whatever became of the file, a row that an export shows with our reference is confirmed, and never sent again.
//
// Requirement: S50-9, S50-13
func TestConfirmedByAnExport(t *testing.T) {
	for _, ack := range []string{"devis-1.BAK", "", "devis-1.TXT"} {
		t.Run("ack "+ack, func(t *testing.T) {
			r := written(t)
			r.publish(quote("131", "CL1"))
			r.becomes("devis-1.TXT", ack)
			r.later()
			r.statesAre(map[string]string{"devis-1.TXT": "handed SSM-131"}[ack] + map[bool]string{true: "taken SSM-131"}[ack != "devis-1.TXT"])
			r.now = r.now.Add(time.Minute)
			r.export("pieces.txt", tabbed(pieceColumns, "E|Devis|DE1|01/11/2026|CL1||||||", "E|Devis|DE2|21/11/2026|CL1|SSM-131|||||",
				"L||||||A1|2,50|10,00|20|")...)
			if diff := cmp.Diff([]record.Key{"DE1", "DE2"}, r.looked(record.Quote)); diff != "" {
				t.Errorf("told (-want +got):\n%s", diff)
			}
			r.statesAre()
			got := r.read(record.Quote, "DE2")
			if got.ExternalID != "SSM-131" || !got.Fields["total"].Equal(money("25")) || !got.Fields["total_tax"].Equal(money("5")) {
				t.Errorf("priced: got %q %v", got.ExternalID, got.Fields)
			}
			before := r.in()
			r.publish(quote("131", "CL1"))
			r.folderIs(before...)
			r.statesAre()
		})
	}
}

// A quote that became an invoice before any export showed it is not sent again.
func TestReferenceOfAnInvoice(t *testing.T) {
	r := written(t)
	r.publish(quote("131", "CL1"))
	r.becomes("devis-1.TXT", "")
	r.now = r.now.Add(time.Minute)
	r.export("pieces.txt", tabbed(pieceColumns, "E|Facture|FA1|21/11/2026|CL1|SSM-131|||||Oui")...)
	r.check(r.look())
	r.statesAre()
	r.publish(quote("131", "CL1"))
	r.folderIs()
}

// A file that was refused: its rows say why, and are handed over again once something else is wanted.
func TestRefused(t *testing.T) {
	r := written(t)
	r.publish(quote("1", "CL1"))
	r.err("devis-1.err", "Article A1\tinconnu\r\nabandon é")
	r.later()
	if h := r.dossier.HandedOver(); len(h) != 1 || h[0].State != sage50fr.StateRefused || h[0].Reason != "Article A1 inconnu abandon é" || h[0].By != "1" {
		t.Errorf("got %+v", h)
	}
	if n := r.notice(sage50fr.CodeImportRefused); n == nil || n.Args["file"] != "devis-1.TXT" {
		t.Errorf("notice: got %v", n)
	}
	r.publish(quote("1", "CL1"))
	r.folderIs("devis-1.TXT", "devis-1.err")
	other := quote("1", "CL1")
	other[1].Wanted = record.DateOf(time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC))
	r.publish(other)
	r.folderIs("devis-1.TXT", "devis-1.err", "devis-2.TXT")
	r.statesAre("handed SSM-1")
}

// Of a file of several rows some may have been taken: those are not sent again before an export tells.
func TestRefusedInPart(t *testing.T) {
	r := written(t)
	r.publish(quote("1", "CL1"), quote("2", "CL1"))
	r.err("devis-1.ERR", "ligne 2")
	changed := quote("2", "CL1")
	changed[0].Wanted = record.RefOf("PR1")
	r.publish(quote("1", "CL1"), changed)
	r.folderIs("devis-1.ERR", "devis-1.TXT")
	r.now = r.now.Add(time.Minute)
	r.export("pieces.txt", tabbed(pieceColumns, "E|Devis|DE2|21/11/2026|CL1|SSM-1|||||")...)
	r.check(r.look())
	r.publish(changed)
	r.folderIs("devis-1.ERR", "devis-1.TXT", "devis-2.TXT")
	r.statesAre("handed SSM-2")
}

// What refers to a client that no export shows waits, as Sage would create it.
func TestWaitsForItsClient(t *testing.T) {
	r := written(t)
	r.publish(quote("1", "CL9"), wish(record.Contact, "", "9", record.Fields{"account": record.RefOf("CL9"), "last_name": text("Roux")}))
	r.folderIs()
	r.statesAre("waiting SSM-1 "+sage50fr.CodeAccountUnknown, "waiting SSM-9 "+sage50fr.CodeAccountUnknown)
	r.later()
	if r.notice(sage50fr.CodeAccountUnknown) == nil {
		t.Error("nobody is told")
	}
	results := r.dossier.Apply(t.Context(), []connectors.Op{{ID: "x", Kind: connectors.Create, Entity: record.Contact, ExternalID: "SSM-11",
		Fields: record.Fields{"account": record.RefOf("CL9"), "last_name": text("Roy")}}})
	r.code(results[0].Err, connectors.Busy, sage50fr.CodeAccountUnknown)
	r.now = r.now.Add(time.Minute)
	r.export("clients.txt", tabbed(clientColumns, "CL1|Dupont|Client|Lyon|01|", "PR1|Petit|Prospect|Nice|02|", "CL9|Neuf|Client|Metz||")...)
	r.check(r.look())
	r.publish(quote("1", "CL9"))
	r.folderIs("contacts-1.TXT", "devis-1.TXT")
}

// A change is confirmed by an export that shows it, and never made to a client or to what somebody changed.
//
// Requirement: S50-4, S50-5, S50-6, S50-8, S50-10
func TestChanges(t *testing.T) {
	r := written(t)
	update := func(key record.Key, fields, seen record.Fields) connectors.Result {
		return r.dossier.Apply(t.Context(), []connectors.Op{{ID: "u" + string(key), Kind: connectors.Update, Entity: record.Account, Key: key, Fields: fields, Seen: seen}})[0]
	}
	phone := record.Fields{"phone": text("09")}
	r.code(update("CL1", phone, nil).Err, connectors.Rejected, sage50fr.CodeReadOnly)
	r.code(update("PR7", phone, nil).Err, connectors.Rejected, sage50fr.CodeRecordMissing)
	r.code(update("PR1", phone, record.Fields{"phone": text("77")}).Err, connectors.Busy, sage50fr.CodeRecordChanged)
	r.code(update("PR1", record.Fields{"tariff": text("T")}, nil).Err, connectors.Rejected, sage50fr.CodeBadOp)
	r.code(update("PR1", record.Fields{"phone": text(strings.Repeat("1", 41))}, nil).Err, connectors.Rejected, sage50fr.CodeBadValue)
	r.code(r.dossier.Apply(t.Context(), []connectors.Op{{ID: "d", Kind: connectors.Delete, Entity: record.Account, Key: "PR1"}})[0].Err, connectors.Rejected, sage50fr.CodeBadOp)
	r.folderIs()
	if got := update("PR1", phone, record.Fields{"phone": text("02")}); got.Outcome != connectors.Pending || got.Err != nil {
		t.Fatalf("update: got %+v", got)
	}
	r.folderIs("prospects-1.TXT")
	r.becomes("prospects-1.TXT", "prospects-1.BAK")
	r.later()
	r.statesAre("taken PR1")
	r.now = r.now.Add(time.Minute)
	r.export("clients.txt", tabbed(clientColumns, "CL1|Dupont|Client|Lyon|01|", "PR1|Petit|Prospect|Nice|09|")...)
	r.check(r.look())
	r.statesAre()
	r.publish(wish(record.Account, "PR1", "3", phone))
	r.folderIs("prospects-1.BAK")
}

// Requirement: S50-33
func TestBornAsClient(t *testing.T) {
	for _, send := range []bool{false, true} {
		r := written(t, func(c *sage50fr.Config) { c.SendClients = send })
		err := r.dossier.Publish(t.Context(), wish(record.Account, "", "7", record.Fields{"name": text("Neuf"), "status": text("client")}))
		if !send {
			r.code(err, connectors.Rejected, sage50fr.CodeReadOnly)
			r.folderIs()
			continue
		}
		r.check(err)
		if got := r.file("prospects-1.TXT"); !strings.Contains(got, "\tNeuf\tClient\t") {
			t.Errorf("got %q", got)
		}
	}
}

// Without a column for our reference nothing is created: nobody could tell whether it was.
func TestNoReference(t *testing.T) {
	r := newRig(t)
	r.export("clients.txt", tabbed("Code client|Nom client|Type client", "CL1|Dupont|Client", "PR1|Petit|Prospect")...)
	r.check(r.look())
	if got := r.dossier.Creating(record.Account); got != connectors.WriteNone {
		t.Errorf("creating: got %v", got)
	}
	r.publish(wish(record.Account, "", "7", record.Fields{"name": text("Neuf")}))
	r.folderIs()
	r.statesAre("waiting SSM-7 " + sage50fr.CodeNoReference)
}

// Reminders: of quotes after ten minutes, of others after four hours; of what no export shows after a week.
func TestReminders(t *testing.T) {
	r := written(t)
	r.publish(quote("1", "CL1"), wish(record.Account, "", "7", record.Fields{"name": text("Neuf")}))
	for _, test := range []struct {
		after time.Duration
		files []string
	}{{9 * time.Minute, nil}, {time.Minute, []string{"devis-1.TXT"}}, {4 * time.Hour, []string{"devis-1.TXT", "prospects-1.TXT"}}} {
		r.now = r.now.Add(test.after)
		r.check(r.look())
		var got []string
		for _, n := range r.dossier.Notices() {
			if n.Code == sage50fr.CodeImportWaiting {
				got = append(got, n.Args["file"])
			}
		}
		if diff := cmp.Diff(test.files, got); diff != "" {
			t.Errorf("after %v (-want +got):\n%s", test.after, diff)
		}
	}
	r.becomes("devis-1.TXT", "devis-1.BAK")
	r.now = r.now.Add(8 * 24 * time.Hour)
	r.check(r.look())
	if n := r.notice(sage50fr.CodeImportUnconfirmed); n == nil || n.Args["rows"] != "2" || n.Args["days"] != "8" {
		t.Errorf("unconfirmed: got %v", n)
	}
}

// A file that was taken in twice makes two records of one reference: both are held.
func TestImportedTwice(t *testing.T) {
	r := written(t)
	r.publish(quote("131", "CL1"))
	r.now = r.now.Add(time.Minute)
	r.export("pieces.txt", tabbed(pieceColumns, "E|Devis|DE2|21/11/2026|CL1|SSM-131|||||", "E|Devis|DE3|21/11/2026|CL1|SSM-131|||||")...)
	r.check(r.look())
	for _, key := range []record.Key{"DE2", "DE3"} {
		if got := r.read(record.Quote, key).Held; got != sage50fr.CodeReferenceTwice {
			t.Errorf("%s: held %q", key, got)
		}
	}
	keys, err := r.dossier.Find(t.Context(), record.Quote, connectors.ExternalIDField, text("SSM-131"))
	if slices.Sort(keys); err != nil || !slices.Equal(keys, []record.Key{"DE2", "DE3"}) {
		t.Errorf("find: got %v, %v", keys, err)
	}
}
