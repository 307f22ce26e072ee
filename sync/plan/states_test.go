package plan_test

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"testing"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
)

// stand is a link with what the sides show of it.
type stand struct {
	state       plan.State
	hasERP      bool // the keys
	hasCRM      bool
	gone        int
	other       bool
	was, is     string // incarnations
	erp         string // how the ERP shows it: "", gone, held, live
	crm         bool
	skip        bool
	twoWay      bool
	known       bool
	name        string // "", typed in the ERP, typed in the CRM
	sent        bool   // the ERP's name is one that we sent there
	missing     string // "", optional, required
	activeInCRM bool
}

// The fields of such a record, by index.
const (
	standName = iota
	standNumber
	standRef
	standActive
)

func (s *stand) rules() *plan.Rules {
	return &plan.Rules{Entity: record.Account, TwoWay: s.twoWay, Active: standActive, Identity: []int{standName}, Fields: []plan.Field{
		standName:   {Name: "Name", Code: 1, Policy: connectors.Shared},
		standNumber: {Name: "Number", Code: 2, Policy: connectors.BusinessKey},
		standRef:    {Name: "Ref", Code: 3, Policy: connectors.OwnERPOnChange, Required: s.missing == "required"},
		standActive: {Name: "Active", Code: 4, Policy: connectors.OwnERPOnChange},
	}}
}

var asAgreed = view("n", "1", "", "true")

func (s *stand) item(r *plan.Rules) plan.Item {
	l := plan.Link{ID: 5, Entity: record.Account, State: s.state, Gone: s.gone, Passing: s.other, Other: s.other, Incarnation: s.was, Revision: 1}
	if s.hasERP {
		l.ERP = "1"
	}
	if s.hasCRM {
		l.CRM = "2"
	}
	if s.known {
		l.Base = r.Agreed(&plan.Item{ERP: asAgreed})
	}
	it := plan.Item{Link: l}
	erp, crm := "n", "n"
	switch s.name {
	case "typed in the ERP":
		erp = "e"
	case "typed in the CRM":
		crm = "c"
	}
	if s.sent {
		it.Link.Doubts = []plan.Doubt{doubt(1, connectors.ERP, erp, 1)}
	}
	switch s.erp {
	case "gone":
		it.ERP = &plan.View{Gone: true}
	case "held":
		it.ERP = &plan.View{Held: "odd"}
	case "live":
		it.ERP = view(erp, "1", "", "true")
		it.ERP.Incarnation, it.ERP.SkipNew = s.is, s.skip
		if s.missing != "" {
			it.ERP.Cells[standRef] = plan.Cell{Digest: 77, Missing: &plan.Ref{Entity: record.User, ERP: "7"}}
		}
	}
	if s.crm {
		it.CRM = view(crm, "1", "", fmt.Sprint(s.activeInCRM))
	}
	return it
}

// want is what has to be decided, from the top to the bottom.
func (s *stand) want() (plan.Verdict, string) {
	reborn := s.erp == "live" && s.was != "" && s.is != "" && s.was != s.is
	switch {
	case s.erp == "held":
		return plan.Wait, "odd"
	case s.state == plan.Closed:
		return plan.Nothing, ""
	case s.state == plan.CRMGone && !(s.erp == "live" && s.elsewhere(reborn)):
		return plan.Wait, "crm-record-deleted"
	case s.state == plan.CRMGone && !s.certain(): // first of all, whose place it is
		return plan.Wait, "position-reused"
	case !s.hasCRM && s.erp == "gone" && s.gone == 0: // two looks have to agree
		return plan.Again, ""
	case !s.hasCRM && (s.erp != "live" || s.skip):
		return plan.Nothing, ""
	case !s.hasCRM && s.elsewhere(reborn) && s.sent: // the former one may still be made
		return plan.Again, ""
	case !s.hasCRM && s.elsewhere(reborn) && !s.certain(): // it is to be created again
		return plan.Wait, "position-reused"
	case !s.hasCRM && s.missing != "":
		return plan.Wait, "reference-missing"
	case !s.hasCRM:
		return plan.CreateCRM, ""
	case !s.hasERP && (!s.crm || !s.twoWay):
		return plan.Nothing, ""
	case !s.hasERP:
		return plan.CreateERP, ""
	case s.erp == "":
		return plan.Again, ""
	case s.erp == "gone":
		return s.wantGone(), ""
	case s.elsewhere(reborn):
		return s.wantReplace()
	}
	return s.wantMerge()
}

// wantGone is for a record that is not in the ERP any more: two looks have to agree.
func (s *stand) wantGone() plan.Verdict {
	switch {
	case s.state == plan.Inactive && s.sent:
		return plan.Again
	case s.state == plan.Inactive:
		return plan.Nothing
	case s.gone == 0:
		return plan.Again
	}
	return plan.Deactivate
}

// elsewhere says whether another record stands at the key now, or may.
func (s *stand) elsewhere(reborn bool) bool {
	allNew := s.known && s.name == "typed in the ERP" && !s.sent
	return s.other || reborn || (s.was == "" || s.is == "") && allNew
}

// certain says whether no person has to be asked about that.
func (s *stand) certain() bool {
	return s.other || s.was != "" && s.is != "" || s.gone > 0 || s.state == plan.Inactive
}

func (s *stand) wantReplace() (plan.Verdict, string) {
	switch {
	case !s.certain():
		return plan.Wait, "position-reused"
	case s.missing != "":
		return plan.Wait, "reference-missing"
	}
	return plan.Replace, ""
}

// wantMerge is for a record that is live on both sides, but for what is missing elsewhere.
func (s *stand) wantMerge() (plan.Verdict, string) {
	toCRM, toERP := s.wantWrites()
	switch {
	case s.missing != "" && (toCRM || toERP && s.missing == "required"):
		return plan.Wait, "reference-missing"
	case toCRM || toERP:
		return plan.Write, ""
	case s.sent:
		return plan.Again, ""
	}
	return plan.Nothing, ""
}

func (s *stand) wantWrites() (toCRM, toERP bool) {
	owned := s.missing != "" || !s.twoWay && s.name == "typed in the ERP"
	switch {
	case !s.crm:
		return !s.known || owned, false // nobody knows what it shows
	case !s.known || owned:
		toCRM = !s.activeInCRM || s.missing != "" || !s.twoWay && s.name != ""
	}
	switch {
	case !s.twoWay || s.name == "":
	case s.sent: // the ERP shows what came from the CRM, which shows another one now
		toERP = true
	case s.known && s.name == "typed in the CRM":
		toERP = true
	default:
		toCRM = true // also in a conflict: nothing was agreed
	}
	return toCRM, toERP
}

// broken says what is wrong with the decision on a stand.
func (s *stand) broken() string {
	r := s.rules()
	it := s.item(r)
	d := plan.Make(r, it, noon)
	verdict, code := s.want()
	l, was := d.Link, it.Link
	writes := d.Verdict == plan.CreateCRM || d.Verdict == plan.CreateERP || d.Verdict == plan.Write || d.Verdict == plan.Deactivate || d.Verdict == plan.Replace
	inERP := slices.Sorted(maps.Keys(d.ERP))
	switch {
	case d.Verdict != verdict || d.Why.Code != code:
		return fmt.Sprintf("decided %d %s, want %d %s", d.Verdict, d.Why.Code, verdict, code)
	case !reflect.DeepEqual(d, plan.Make(r, it, noon)):
		return "P1: decided otherwise the second time"
	case writes != (len(d.CRM)+len(d.ERP) > 0):
		return "writes without a verdict to, or the other way round"
	case d.Verdict == plan.Deactivate && !reflect.DeepEqual(d.CRM, map[int]record.Value{standActive: record.BoolOf(false)}):
		return "P6: a record that is gone is more than shown as inactive"
	case d.Verdict == plan.Replace && (l.ID != 0 || l.CRM != "" || l.ERP != was.ERP || l.Revision != 2 || l.State != plan.Fresh):
		return "the new record at the key has something of the old one"
	case d.Verdict != plan.Replace && (l.ID != was.ID || l.CRM != was.CRM || l.ERP != was.ERP || l.Revision != was.Revision):
		return "S2: the keys of a link changed"
	case d.Verdict == plan.CreateERP && !slices.Equal(inERP, []int{standName, standNumber}):
		return "P5: what is the ERP's own is born elsewhere"
	case d.Verdict == plan.Write && len(inERP) > 0 && (!s.twoWay || !slices.Equal(inERP, []int{standName})):
		return "P5: what is the ERP's own is written there"
	case (d.Verdict == plan.CreateCRM || d.Verdict == plan.Replace || d.Verdict == plan.Write) && len(d.CRM) > 0 && !d.After.Known:
		return "nothing is agreed after a write"
	case (d.Verdict == plan.Wait) != (d.Why.Code != "") || (code == "reference-missing") != (d.Why.Ref != nil):
		return "P10: a wait without its reason"
	case d.Why.Person != (code == "crm-record-deleted" || code == "position-reused"):
		return "a person is asked for nothing, or is not"
	case s.elsewhere(s.was != s.is && s.was != "" && s.is != "") && d.Verdict == plan.Wait && s.hasCRM && s.hasERP && s.erp == "live" && s.state != plan.Closed && !l.Passing:
		return "the key may be another record's, and nobody is told"
	}
	return ""
}

// TestEveryStand tries every link in every state, with every way in which the sides may show it or not: the
// keys it has, how often it was not found, who holds its key now, incarnations, names typed or sent, references
// that are missing; one way and both ways. At least 200,000.
//
// Requirement: ACO-63, ACO-64, ACO-77
func TestEveryStand(t *testing.T) {
	tried := 0
	both := []bool{false, true}
	try := func(s stand) {
		if tried++; !due(tried) {
			return
		}
		if how := s.broken(); how != "" {
			t.Fatalf("%s\n%+v", how, s)
		}
	}
	for state := plan.Fresh; state <= plan.Closed; state++ {
		for keys := range 8 {
			for gone := range 2 {
				for flags := range 8 {
					s := stand{state: state, hasERP: keys&1 > 0, hasCRM: keys&2 > 0, crm: keys&4 > 0, gone: gone,
						other: flags&1 > 0, twoWay: flags&2 > 0, known: flags&4 > 0}
					for _, s.erp = range []string{"", "gone", "held"} {
						for _, s.sent = range both {
							try(s)
						}
					}
					s.erp = "live"
					for _, s.name = range []string{"", "typed in the ERP", "typed in the CRM"} {
						for _, s.missing = range []string{"", "optional", "required"} {
							for _, inc := range [][2]string{{"", ""}, {"1", ""}, {"", "1"}, {"1", "1"}, {"1", "2"}} {
								for more := range 8 {
									s.was, s.is, s.sent, s.skip, s.activeInCRM = inc[0], inc[1], more&1 > 0, more&2 > 0, more&4 > 0
									if s.skip && s.hasCRM {
										continue // it is for records that were never linked
									}
									try(s)
								}
							}
						}
					}
				}
			}
		}
	}
	atLeast(t, tried, 200_000)
}
