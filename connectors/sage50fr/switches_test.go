package sage50fr_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/connectors/sage50fr"
	"syncbox/connectors/sage50fr/sage50test"
)

// wishes are a prospect, a contact of a client and a quote, as the CRM asks for them.
func (s *site) wishes() [][]connectors.Handoff {
	client := record.RefOf(record.Key(s.Codes(demo, sage50test.Clients)[0]))
	all := [][]connectors.Handoff{wish(record.Quote, "", "131", record.Fields{"account": client,
		"lines": record.RowsOf(record.Fields{"product": text(s.article(0)), "quantity": money("2.5")}, record.Fields{"product": text(s.article(1)), "quantity": money("1")})})}
	if s.dossier.Creating(record.Account) != connectors.WriteNone {
		all = append(all, wish(record.Account, "", "7", record.Fields{"name": text("Bières & Cie"), "city": text("Pau")}))
	}
	if s.dossier.Creating(record.Contact) != connectors.WriteNone {
		all = append(all, wish(record.Contact, "", "9", record.Fields{"account": client, "last_name": text("Roux"), "first_name": text("Chloé")}))
	}
	return all
}

func (s *site) article(n int) string { return s.Codes(demo, sage50test.Articles)[n] }

// untouched holds that the box did nothing to Sage's files that it must not.
func (s *site) untouched() {
	s.t.Helper()
	if wrong := must(s.Trespasses())(s.t); len(wrong) > 0 {
		s.t.Errorf("trespasses: %v", wrong)
	}
}

// imports has somebody import what waits; it tells how many records came of it.
func (s *site) imports() (added int) {
	s.t.Helper()
	s.check(s.Advance(time.Minute))
	for _, r := range must(s.Import(demo))(s.t) {
		added += len(r.Added)
		if len(r.Refused) > 0 {
			s.t.Errorf("%s: refused %+v", r.File, r.Refused)
		}
	}
	return added
}

// What the CRM asks for is imported, exported and confirmed, once, in every position of every switch.
//
// Requirement: S50-7, S50-9, S50-11, S50-13, S50-17
func TestRoundTripInEveryPosition(t *testing.T) {
	for _, switches := range sage50test.Positions() {
		t.Run(positionName(switches), func(t *testing.T) {
			s := newSite(t, sage50test.Options{Switches: switches})
			s.bill(sage50test.Quote, false)
			s.exportAll()
			s.rig.check(s.look())
			want := len(s.wishes())
			if switches.Kinds == sage50test.KindsSome {
				want-- // no export could ever show a contact
			}
			s.publish(s.wishes()...)
			if added := s.imports(); added != want {
				t.Fatalf("imported %d records, want %d", added, want)
			}
			for range 2 { // one file of a kind at a time, and nothing twice
				s.rig.check(s.look())
				s.publish(s.wishes()...)
				if added := s.imports(); added != 0 {
					t.Errorf("imported %d records more", added)
				}
			}
			s.exportAll()
			s.rig.check(s.look())
			if got := s.states(); len(got) != len(s.wishes())-want {
				t.Errorf("not confirmed: %v", got)
			}
			keys := must(s.dossier.Find(t.Context(), record.Quote, connectors.ExternalIDField, text("SSM-131")))(t)
			if len(keys) != 1 {
				t.Fatalf("quotes of the reference: %v", keys)
			}
			quote := s.read(record.Quote, keys[0])
			if rows := quote.Fields["lines"].Rows; len(rows) != 2 || !rows[0]["quantity"].Equal(money("2.5")) || rows[0]["price"].Empty() {
				t.Errorf("lines: got %v", rows)
			}
			if quote.Held != "" || !quote.Fields["total"].Decimal().IsPositive() || !quote.Fields["total_tax"].Decimal().IsPositive() {
				t.Errorf("priced: held %q, %v and %v", quote.Held, quote.Fields["total"], quote.Fields["total_tax"])
			}
			if want > 1 {
				codes := s.Find(demo, sage50test.Clients, "Référence libre", "SSM-7")
				if len(codes) != 1 {
					t.Fatalf("prospects of the reference: %v", codes)
				}
				got := s.read(record.Account, record.Key(codes[0]))
				if diff := cmp.Diff([]string{"Bières & Cie", "prospect", "Pau", "SSM-7"}, []string{got.Fields["name"].Text, got.Fields["status"].Text, got.Fields["city"].Text, got.ExternalID}); diff != "" {
					t.Errorf("prospect (-want +got):\n%s", diff)
				}
			}
			s.untouched()
		})
	}
}

// A prospect is changed, and another of its fields stays what it was; then it becomes a client, and is not written any more.
//
// Requirement: S50-5, S50-8
func TestProspectBecomesClient(t *testing.T) {
	for _, blank := range []string{sage50test.BlankKeeps, sage50test.BlankClears} {
		s := newSite(t, sage50test.Options{Switches: sage50test.Switches{Blank: blank}})
		s.exportAll()
		s.rig.check(s.look())
		key := record.Key(s.Find(demo, sage50test.Clients, sage50test.TypeTiers, "Prospect")[0])
		before := s.read(record.Account, key).Fields
		s.publish(wish(record.Account, key, "7", record.Fields{"city": text("Pau")}))
		s.imports()
		s.exportAll()
		s.rig.check(s.look())
		want := before
		want["city"] = text("Pau")
		if diff := cmp.Diff(want, s.read(record.Account, key).Fields); diff != "" || len(s.states()) != 0 {
			t.Errorf("blank cells %s: %v (-want +got):\n%s", blank, s.states(), diff)
		}
		s.rig.check(s.MakeClient(demo, string(key)))
		s.exportAll()
		s.rig.check(s.look())
		err := s.dossier.Publish(t.Context(), wish(record.Account, key, "7", record.Fields{"city": text("Dax")}))
		s.rig.code(err, connectors.Rejected, sage50fr.CodeReadOnly)
		s.untouched()
	}
}

// A refusal with a reason, without one, of a whole file and of a part.
func TestRefusedBySage(t *testing.T) {
	for _, refusal := range []string{sage50test.RefusalTold, sage50test.RefusalSilent} {
		for _, partial := range []string{sage50test.PartialRows, sage50test.PartialAll} {
			t.Run(refusal+" "+partial, func(t *testing.T) {
				s := newSite(t, sage50test.Options{Switches: sage50test.Switches{Refusal: refusal, Partial: partial}})
				s.bill(sage50test.Quote, false)
				s.exportAll()
				s.rig.check(s.look())
				client := record.RefOf(record.Key(s.Codes(demo, sage50test.Clients)[0]))
				bad := wish(record.Quote, "", "2", record.Fields{"account": client, "lines": record.RowsOf(record.Fields{"product": text("NUL"), "quantity": money("1")})})
				good := s.wishes()[0]
				s.publish(good, bad)
				s.rig.check(s.Advance(time.Minute))
				must(s.Import(demo))(t)
				s.rig.check(s.look())
				s.publish(good, bad)
				s.exportAll()
				s.rig.check(s.look())
				want := map[string][]string{"err rows": {"refused SSM-2 " + sage50fr.CodeImportRefused},
					"err all":     {"refused SSM-131 " + sage50fr.CodeImportRefused, "refused SSM-2 " + sage50fr.CodeImportRefused},
					"silent all":  {"handed SSM-131", "handed SSM-2"},
					"silent rows": {"taken SSM-2"}}[refusal+" "+partial]
				if got := s.states(); !slices.Equal(got, want) && !(refusal == sage50test.RefusalSilent && partial == sage50test.PartialRows && len(got) == 1) {
					t.Errorf("states: got %v, want %v", got, want)
				}
				if docs := s.Documents(demo); len(docs) > 2 {
					t.Errorf("%d documents", len(docs))
				}
				s.untouched()
			})
		}
	}
}

// Somebody imports the same file a second time.
func TestImportedAgainBySage(t *testing.T) {
	for _, duplicate := range []string{sage50test.DuplicateMade, sage50test.DuplicateRefused} {
		s := newSite(t, sage50test.Options{Switches: sage50test.Switches{Duplicate: duplicate}})
		s.exportAll()
		s.rig.check(s.look())
		s.publish(s.wishes()[0])
		s.imports()
		if _, err := s.ImportAgain(demo, "devis-1.BAK"); err != nil {
			t.Fatal(err)
		}
		s.exportAll()
		s.rig.check(s.look())
		keys := must(s.dossier.Find(t.Context(), record.Quote, connectors.ExternalIDField, text("SSM-131")))(t)
		held := s.read(record.Quote, keys[0]).Held
		if twice := duplicate == sage50test.DuplicateMade; len(keys) != map[bool]int{true: 2, false: 1}[twice] || (held == sage50fr.CodeReferenceTwice) != twice {
			t.Errorf("%s: %v, held %q", duplicate, keys, held)
		}
	}
}

// Bad exports harm no more than their own rows: nothing is gone, and a good export mends all.
func TestMishapsOfExports(t *testing.T) {
	for name, e := range map[string]sage50test.Export{
		"a part of the rows": {Kind: sage50test.Clients, Portion: 60}, "cut": {Kind: sage50test.Clients, Cut: 60},
		"a column is missing": {Kind: sage50test.Clients, Drop: []string{sage50test.NomClient}},
		"a column twice":      {Kind: sage50test.Clients, Double: sage50test.NomClient},
		"in English":          {Kind: sage50test.Clients, English: true},
		"another one's":       {Kind: sage50test.Clients, Of: "MARTIN"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, sage50test.Options{Dossiers: []string{demo, "MARTIN"}, Clients: 40, Seed: 3})
			s.exportAll()
			s.rig.check(s.look())
			codes := s.Codes(demo, sage50test.Clients)
			before := map[string]record.Record{}
			for _, c := range codes {
				before[c] = s.read(record.Account, record.Key(c))
			}
			for range 3 {
				s.rig.check(s.Advance(2 * time.Hour))
				must(s.Export(demo, e))(t)
				if err := s.look(); err != nil && connectors.CodeOf(err) != sage50fr.CodeOtherDossier {
					t.Fatal(err)
				}
			}
			s.exportAll()
			s.rig.check(s.look())
			for _, c := range codes {
				if diff := cmp.Diff(before[c], s.read(record.Account, record.Key(c))); diff != "" {
					t.Errorf("%s (-before +after):\n%s", c, diff)
				}
			}
			s.untouched()
		})
	}
}

// The file that is there with new rows and its old time, a TAB inside of a value, a server whose clock is wrong, a slow export.
func TestOddExports(t *testing.T) {
	s := newSite(t, sage50test.Options{})
	s.exportAll()
	s.rig.check(s.look())
	first := s.Codes(demo, sage50test.Clients)[0]
	s.rig.check(s.Edit(demo, sage50test.Clients, first, sage50test.Fields{"Ville": "Pau"}))
	must(s.Export(demo, sage50test.Export{Kind: sage50test.Clients, KeepTime: true}))(t)
	s.rig.check(s.Advance(10 * time.Minute))
	s.rig.check(s.look())
	if got := s.read(record.Account, record.Key(first)).Fields["city"].Text; got != "Pau" {
		t.Errorf("old time: city %q", got)
	}
	s.Skew(-2 * time.Hour)
	s.rig.check(s.Edit(demo, sage50test.Clients, first, sage50test.Fields{"Ville": "Dax\tcentre"}))
	s.exportAll()
	s.rig.check(s.look())
	got := s.read(record.Account, record.Key(first))
	if got.Held != sage50fr.CodeRowColumns || got.HeldArgs["line"] != "2" || got.Fields["city"].Text != "Pau" {
		t.Errorf("a TAB: held %q %v, city %q", got.Held, got.HeldArgs, got.Fields["city"].Text)
	}
	s.Skew(2 * time.Hour)
	s.rig.check(s.Edit(demo, sage50test.Clients, first, sage50test.Fields{"Ville": "Dax"}))
	w := must(s.Begin(demo, sage50test.Export{Kind: sage50test.Clients}, 4))(t)
	for done := false; !done; {
		if s.rig.check(s.look()); len(s.notes.Told[record.Account]) > 0 && s.read(record.Account, record.Key(first)).Gone {
			t.Error("a file that grows deletes")
		}
		done = must(w.Step())(t)
	}
	s.exportAll()
	s.rig.check(s.look())
	if got := s.read(record.Account, record.Key(first)); got.Held != "" || got.Fields["city"].Text != "Dax" {
		t.Errorf("mended: held %q, city %q", got.Held, got.Fields["city"].Text)
	}
}

// Requirement: S50-23
func TestPictures(t *testing.T) {
	for _, image := range []string{sage50test.ImageByCode, sage50test.ImageByColumn} {
		s := newSite(t, sage50test.Options{Switches: sage50test.Switches{Image: image}})
		code := s.article(0)
		for _, content := range []string{"one", "two"} {
			s.rig.check(s.SetImage(demo, code, ".jpg", []byte(content)))
			s.exportAll()
			if got := s.looked(record.Product); !slices.Contains(got, record.Key(code)) {
				t.Errorf("%s %s: told %v", image, content, got)
			}
			sum := sha256.Sum256([]byte(content))
			want := hex.EncodeToString(sum[:])
			if got := s.read(record.Product, record.Key(code)).Fields["picture"].Text; got != want {
				t.Errorf("%s %s: got %q, want %q", image, content, got, want)
			}
			if got, err := s.dossier.Picture(t.Context(), want); err != nil || string(got) != content {
				t.Errorf("%s: got %q, %v", image, got, err)
			}
		}
		s.rig.check(s.SetImage(demo, code, ".jpg", nil))
		s.exportAll()
		if got := s.looked(record.Product); len(got) != 1 || !s.read(record.Product, record.Key(code)).Fields["picture"].Empty() {
			t.Errorf("%s: taken away: told %v", image, got)
		}
		if got, err := s.dossier.Picture(t.Context(), fmt.Sprintf("%064d", 0)); got != nil || err != nil {
			t.Errorf("none: got %q, %v", got, err)
		}
	}
}

// The stock of what has none is left out, whichever way the articles tell.
//
// Requirement: S50-22, S50-25
func TestStockAndInactive(t *testing.T) {
	for _, stock := range []string{sage50test.StockColumn, sage50test.StockType, sage50test.StockBlank} {
		for _, inactive := range []string{sage50test.InactiveShown, sage50test.InactiveAbsent} {
			s := newSite(t, sage50test.Options{Switches: sage50test.Switches{Stock: stock, Inactive: inactive}})
			s.exportAll()
			s.rig.check(s.look())
			goods, labour := s.read(record.Product, record.Key(s.article(0))).Fields, s.read(record.Product, record.Key(s.article(3))).Fields
			if goods["stock"].Empty() || goods["stock_applies"].Text != "true" || !labour["stock"].Empty() || labour["stock_applies"].Text != "false" {
				t.Errorf("%s: got %v, %v of goods and %v, %v of labour", stock, goods["stock"], goods["stock_applies"], labour["stock"], labour["stock_applies"])
			}
			_, described := s.dossier.Fields(record.Product)["inactive"]
			if shown := inactive == sage50test.InactiveShown; described != shown || (goods["inactive"].Kind == record.Bool) != shown {
				t.Errorf("inactive %s: described %v, value %v", inactive, described, goods["inactive"])
			}
		}
	}
}
