package sagex3_test

import (
	"regexp"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"syncbox/connectors"
	"syncbox/connectors/connectortest"
	"syncbox/connectors/record"
	"syncbox/connectors/sagex3"
	"syncbox/connectors/sagex3/sagex3test"
)

// alike compares fields as the engine does.
var alike = cmp.Comparer(func(a, b record.Value) bool { return a.Equal(b) })

// story is the life of two users' records: made, looked at, changed on either side, handed over, shared and deleted.
type story struct {
	*rig
	users [2]*sagex3.User
	notes [2]*connectortest.Notes
	keys  map[record.Entity]record.Key
}

func tell(r *rig) {
	s := &story{rig: r, keys: map[record.Entity]record.Key{}, users: [2]*sagex3.User{r.user("1"), r.user("2")},
		notes: [2]*connectortest.Notes{connectortest.NewNotes(), connectortest.NewNotes()}}
	for _, e := range entities {
		s.keys[e] = r.make(e)
	}
	s.first()
	s.edits()
	s.writes()
	s.shared()
	s.handedOver()
	s.refused()
	s.deletions()
}

// told looks, and says whether a user is told of a record and then has it.
func (s *story) told(user int, e record.Entity, key record.Key) (told, has bool) {
	s.t.Helper()
	told = slices.Contains(look(s.t, s.users[user], s.notes[user])[e], key)
	found, later, err := s.users[user].Read(s.t.Context(), e, []record.Key{key})
	if err != nil || len(later) > 0 {
		s.t.Fatalf("read %s %s: %d later, %v", e, key, len(later), err)
	}
	return told, len(found) == 1
}

func (s *story) expect(what string, user int, e record.Entity, key record.Key, has bool) {
	s.t.Helper()
	if told, got := s.told(user, e, key); !told || got != has {
		s.t.Errorf("%s: user %d, %s: told %v, has it %v, want true, %v", what, user+1, e, told, got, has)
	}
}

// first: what each user has, as X3 shows it.
func (s *story) first() {
	s.t.Helper()
	told, others := look(s.t, s.users[0], s.notes[0]), look(s.t, s.users[1], s.notes[1])
	for e, want := range s.shown() {
		if !slices.Contains(told[e], s.keys[e]) {
			s.t.Errorf("first look: %s is not told", e)
		}
		if diff := cmp.Diff(want, s.one(s.users[0], e, s.keys[e]).Fields, alike); diff != "" {
			s.t.Errorf("%s (-want +got):\n%s", e, diff)
		}
		if found, _, err := s.users[1].Read(s.t.Context(), e, others[e]); err != nil || len(found) > 0 {
			s.t.Errorf("%s: the other user has %d, %v", e, len(found), err)
		}
	}
}

// shown are the records of make.
func (s *story) shown() map[record.Entity]record.Fields {
	chrono := func(e record.Entity) record.Value { return record.TextOf(string(s.keys[e])) }
	company, subject, no := record.TextOf("C00001"), record.TextOf("Relance devis"), record.BoolOf(false)
	all := map[record.Entity]record.Fields{
		record.Contact: {"chrono": chrono(record.Contact), "last_name": record.TextOf("Boulangerie"), "first_name": record.TextOf("Ève"),
			"company": company, "title": record.TextOf("Mme"), "street": record.TextOf("1, rue A\nBâtiment B")},
		record.Task: {"chrono": chrono(record.Task), "company": company, "done": no, "subject": subject, "start": day("2026-01-16"), "due": day("2026-01-20")},
		record.Call: {"chrono": chrono(record.Call), "company": company, "done": no, "subject": subject, "date": day("2026-01-16"),
			"representative": record.TextOf("R1")},
		record.Appointment: {"chrono": chrono(record.Appointment), "company": company, "done": no, "subject": subject,
			"start": at("2026-01-16T08:30:00Z"), "end": at("2026-01-16T09:15:00Z"), "mine": record.BoolOf(true)},
	}
	if s.cfg.Profile == sagex3.V6 {
		all[record.Task]["assignee"] = record.TextOf("R1")
	}
	return all
}

// edits: each kind of change by a person is told, also one in the same second, and one past the stamps. Its time is the person's.
func (s *story) edits() {
	s.t.Helper()
	for _, e := range entities {
		for _, pause := range []time.Duration{time.Minute, 0} {
			s.AdvanceClock(pause)
			s.edit(e, s.keys[e])
			s.expect("edit", 0, e, s.keys[e], true)
		}
		if got := s.one(s.users[0], e, s.keys[e]).Changed; !got.Equal(s.Now()) {
			s.t.Errorf("%s: changed by a person at %v, want %v", e, got, s.Now())
		}
		s.AdvanceClock(time.Minute)
		must(s.t, s.Person("U1").Batch().Edit(object[e], string(s.keys[e]), values{sagex3test.Company: "C00003"}))
		s.expect("import", 0, e, s.keys[e], true)
	}
}

// writes: what we make and change is shown as it was written, and is the user's.
func (s *story) writes() {
	s.t.Helper()
	u := s.users[0]
	made := map[record.Entity]record.Key{}
	for _, e := range entities {
		op, result := s.apply(u, connectors.Op{ID: "box-" + string(e), Kind: connectors.Create, Entity: e, Fields: written(made)[e]})
		if result.Outcome != connectors.Applied {
			s.t.Fatalf("create %s: %+v", e, result)
		}
		made[e] = result.Key
		s.shows(e, result.Key, op.Fields)
		s.expect("our own", 0, e, result.Key, true)
		s.change(e, result.Key)
	}
}

// written are new records of each entity.
func written(made map[record.Entity]record.Key) map[record.Entity]record.Fields {
	text, minutes := record.TextOf, record.NumberOf(decimal.NewFromInt(105))
	report := text("Compte-rendu <&> œ ]]>\n\n😀 deux")
	return map[record.Entity]record.Fields{
		record.Contact: {"last_name": text("D'Œuf"), "first_name": text("Zoé"), "title": text("M."), "company": text("C00002"), "phone": text("+33 1 02 03"),
			"street": text("1, rue A\nBâtiment B\nCedex"), "country": text("FR"), "note": report},
		record.Task: {"subject": text("Rappeler"), "company": text("C00002"), "contact": record.RefOf(made[record.Contact]), "done": record.BoolOf(true),
			"start": day("2028-02-29"), "due": day("2028-03-01"), "report": report, "minutes": minutes},
		record.Call: {"subject": text("Appeler"), "company": text("C00001"), "contact": record.RefOf(made[record.Contact]), "done": record.BoolOf(false),
			"date": day("2026-02-03"), "report": report, "minutes": minutes},
		record.Appointment: {"subject": text("Visite"), "company": text("C00001"), "start": at("2026-07-15T07:30:00Z"), "end": at("2026-07-15T08:00:00Z"),
			"report": report, "done": record.BoolOf(false)},
	}
}

// shows holds a record, of whom nobody but ourselves has it, against what was written.
func (s *story) shows(e record.Entity, key record.Key, want record.Fields) {
	s.t.Helper()
	got := s.one(s.users[0], e, key)
	for name, v := range want {
		if !got.Fields[name].Equal(v) {
			s.t.Errorf("%s %s: got %+v, want %+v", e, name, got.Fields[name], v)
		}
	}
	if !got.Changed.IsZero() {
		s.t.Errorf("%s: changed at %v by a person, and it was us", e, got.Changed)
	}
}

// change: a change of what is seen is written, one of what is no longer there is not.
func (s *story) change(e record.Entity, key record.Key) {
	s.t.Helper()
	name, seen := "report", record.TextOf("Compte-rendu <&> œ ]]>\n\n😀 deux")
	fields := record.Fields{name: record.TextOf("un"), "company": record.TextOf("C00003")}
	if e == record.Contact {
		name = "note"
		fields = record.Fields{name: record.TextOf("un"), "street": record.TextOf("une seule ligne"), "title": record.Value{}, "phone": record.Value{}}
	}
	op := connectors.Op{ID: "box-c", Kind: connectors.Update, Entity: e, Key: key, Fields: fields, Seen: record.Fields{name: seen}}
	if _, result := s.apply(s.users[0], op); result.Outcome != connectors.Applied || result.Key != key {
		s.t.Fatalf("change %s: %+v", e, result)
	}
	s.shows(e, key, fields)
	_, result := s.apply(s.users[0], op)
	if result.Outcome != connectors.NotApplied || connectors.KindOf(result.Err) != connectors.Busy {
		s.t.Errorf("change of %s that somebody has changed: %+v", e, result)
	}
}

// shared: a co-worker has the appointment and can't change it.
func (s *story) shared() {
	s.t.Helper()
	key := s.keys[record.Appointment]
	s.AdvanceClock(time.Minute)
	must(s.t, s.Person("U1").AddCoworker(string(key), "R2"))
	s.expect("co-worker added", 1, record.Appointment, key, true)
	if got := s.one(s.users[1], record.Appointment, key).Fields; got["mine"].Equal(record.BoolOf(true)) || got["coworkers"].Text != "R2" {
		s.t.Errorf("the co-worker's: mine %v, co-workers %v", got["mine"], got["coworkers"])
	}
	for _, kind := range []connectors.OpKind{connectors.Update, connectors.Delete} {
		op := connectors.Op{ID: "box-s", Kind: kind, Entity: record.Appointment, Key: key}
		if kind == connectors.Update {
			op.Fields = record.Fields{"subject": record.TextOf("Autre")}
		}
		if _, result := s.apply(s.users[1], op); result.Outcome != connectors.NotApplied || connectors.CodeOf(result.Err) != sagex3.CodeNotOwner {
			s.t.Errorf("a co-worker's write: %+v", result)
		}
	}
	s.AdvanceClock(time.Minute)
	must(s.t, s.Person("U1").RemoveCoworker(string(key), "R2"))
	s.expect("co-worker removed", 1, record.Appointment, key, false)
}

// handedOver: another owner's is gone here and there.
func (s *story) handedOver() {
	s.t.Helper()
	for _, e := range entities {
		s.AdvanceClock(time.Minute)
		must(s.t, s.Administrator().Reassign(object[e], string(s.keys[e]), "R2"))
		s.expect("handed over", 0, e, s.keys[e], false)
		s.expect("handed over", 1, e, s.keys[e], true)
	}
}

var traceLine = regexp.MustCompile(`- - - Code de la trace sur le serveur distant: F[0-9]{6} - - -`)

// refused: what X3 alone checks is this record's matter, with the code of X3's trace and none of its words.
func (s *story) refused() {
	s.t.Helper()
	op := connectors.Op{ID: "box-r", Kind: connectors.Create, Entity: record.Appointment, Fields: record.Fields{
		"subject": record.TextOf("Relance"), "start": at("2026-07-15T07:45:00Z"), "end": at("2026-07-15T08:15:00Z")}}
	_, result := s.apply(s.users[0], op)
	if result.Outcome != connectors.NotApplied || connectors.KindOf(result.Err) != connectors.Rejected || connectors.CodeOf(result.Err) != sagex3.CodeRecordRefused {
		s.t.Fatalf("two appointments at a time: %+v", result)
	}
	if text := result.Err.Error(); !traceLine.MatchString(text) {
		s.t.Errorf("%q has no code of a trace", text)
	}
}

// deletions: of a correspondent only that it is the user's; all else goes.
func (s *story) deletions() {
	s.t.Helper()
	for _, e := range entities {
		s.AdvanceClock(time.Minute)
		key := s.keys[e]
		op := connectors.Op{ID: "box-d", Kind: connectors.Delete, Entity: e, Key: key}
		for range 2 { // gone already is as good
			if _, result := s.apply(s.users[1], op); result.Outcome != connectors.Applied {
				s.t.Errorf("delete %s: %+v", e, result)
			}
		}
		i := slices.IndexFunc(s.Records(object[e]), func(r sagex3test.Record) bool { return r.Key == string(key) })
		if kept := i >= 0; kept != (e == record.Contact) {
			s.t.Errorf("delete %s: kept %v", e, kept)
		} else if kept && s.Records(object[e])[i].Values[sagex3test.Owner] != "" {
			s.t.Errorf("delete %s: it is still somebody's", e)
		}
		s.expect("deleted", 1, e, key, false)
	}
}

// Two users, by either way of finding changes.
//
// Requirement: X3-3, X3-10, X3-12, X3-13, X3-15, X3-16, X3-17, X3-25, X3-27, X3-29, X3-30, X3-31, X3-43, X3-51
func TestStory(t *testing.T) {
	for _, changes := range []string{sagex3.Scan, sagex3.ByQueue} {
		t.Run(changes, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { tell(newRig(t, func(c *sagex3.Config) { c.Changes = changes })) })
		})
		t.Run(changes+", rest", func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tell(newRig(t, func(c *sagex3.Config) {
					c.Changes = changes
					byREST(c)
				}))
			})
		})
	}
}
