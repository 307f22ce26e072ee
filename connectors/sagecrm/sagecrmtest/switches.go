package sagecrmtest

import (
	"fmt"
	"maps"

	"syncbox/connectors/rest/resttest"
)

// Switch is a point about the product that no public document settles, or that an administrator sets. A client must be correct in
// every position.
type Switch string

// The switches of the specification, and behind them those of points that it leaves open without naming one.
const (
	SoapProfile    Switch = "soap.profile"    // namespaces and parameter names that are accepted
	SoapBatch      Switch = "soap.batch"      // records of a query at a time
	SoapMultiValue Switch = "soap.multivalue" // the codes of a multi-value field; in REST an array for all but comma
	SoapDropdown   Switch = "soap.dropdown"   // selection fields as codes or as the words that people see
	SoapQueryID    Switch = "soap.queryid"
	RestKeys       Switch = "rest.keys"
	RestError      Switch = "rest.error"
	RestUpdate     Switch = "rest.update"
	RestStart      Switch = "rest.start"
	RestVersion    Switch = "rest.version" // orderBy is new in 2024 R2
	ETag           Switch = "etag"         // of one record; enforced: a change without If-Match is 428
	BobSyncValue   Switch = "bobsync.value"
	VATField       Switch = "vat.field"   // one text, or prefix and number in two
	UpdatedDate    Switch = "updateddate" // whether a child's change moves that of its company; owners: and that of its person

	BobSyncColumn Switch = "bobsync.column" // its name
	VATColumn     Switch = "vat.column"     // comp_c_taxid has its VAT in the caption alone
	ContactKeys   Switch = "contact.keys"   // keys of phone and email
	ContactEmpty  Switch = "contact.empty"  // whether a phone without a number and an email without an address may be
	CompanyType   Switch = "company.type"   // comp_type holds one code or several

	SoapQueryIDPages Switch = "soap.queryid.pages"
	SoapAisID        Switch = "soap.aisid"     // what an entry of queryid looks like
	SoapChildren     Switch = "soap.children"  // records: <phone><entityname/><records>…</records></phone>; flat: <phone>…</phone> each
	SoapNested       Switch = "soap.nested"    // whose answers have their children inside
	SoapAdded        Switch = "soap.added"     // the element of a new id
	SoapCase         Switch = "soap.case"      // elements of answers
	SoapEmpty        Switch = "soap.empty"     // fields without a value
	SoapDeleted      Switch = "soap.deleted"   // whether a query shows soft-deleted records; also in REST
	SoapFault        Switch = "soap.fault"     // HTTP status of a SOAP fault
	SoapSession      Switch = "soap.session"   // text of a fault about the session
	SoapRelogon      Switch = "soap.relogon"   // what a second log-on of a user does
	SoapTooLarge     Switch = "soap.too-large" // how a request above the limit is refused
	SoapWriteBatch   Switch = "soap.write"     // partial: what stands before a refused record is done
	SoapUnknownID    Switch = "soap.unknown-id"
	SoapMetadata     Switch = "soap.metadata" // which names getmetadata gives
	SoapWSDL         Switch = "soap.wsdl"

	RestCase     Switch = "rest.case" // names in answers; requests may be in any
	RestPut      Switch = "rest.put"  // replace: a field that is not sent is emptied
	RestOrder    Switch = "rest.order"
	RestTimes    Switch = "rest.times" // zone: UTC with Z, else local without
	RestBrackets Switch = "rest.brackets"
	RestSchema   Switch = "rest.schema" // $prototypes
	RestLimit    Switch = "rest.limit"  // enforced: above 5 calls in a second or 2 at a time 503
)

// positions has every switch with its positions, the default first.
var positions = resttest.Positions[Switch]{
	SoapProfile: {"both", "type", "plain"}, SoapBatch: {"100", "25", "all"}, SoapMultiValue: {"array", "repeated", "comma"},
	SoapDropdown: {"codes", "strings"}, SoapQueryID: {"works", "refused", "no-deleted"},
	RestKeys: {"$resources", "resources"}, RestError: {"$diagnoses", "message", "html"}, RestUpdate: {"put", "patch"}, RestStart: {"1", "0"},
	RestVersion: {"2024 R2", "2022 R2", "2019 R2"}, ETag: {"absent", "enforced"}, BobSyncValue: {"Y", "true", "1"}, VATField: {"one", "two"},
	UpdatedDate: {"children", "company", "owners"},

	BobSyncColumn: {"comp_bobsync", "comp_c_bob50"}, VATColumn: {"comp_vatnumber", "comp_c_taxid"}, ContactKeys: {"long", "short"},
	ContactEmpty: {"accepted", "refused"}, CompanyType: {"single", "multi"},

	SoapQueryIDPages: {"whole", "batches"}, SoapAisID: {"flag", "booleans"}, SoapChildren: {"records", "flat"}, SoapNested: {"company", "both", "none"}, SoapAdded: {"crmid", "key"},
	SoapCase: {"lower", "mixed"}, SoapEmpty: {"absent", "empty", "nil"}, SoapDeleted: {"hidden", "shown"}, SoapFault: {"500", "200"},
	SoapSession: {"session", "logon"}, SoapRelogon: {"steals", "refused", "both"}, SoapTooLarge: {"fault", "413"},
	SoapWriteBatch: {"atomic", "partial"}, SoapUnknownID: {"fault", "uncounted"}, SoapMetadata: {"database", "short", "refused"},
	SoapWSDL: {"hidden", "shown"},

	RestCase: {"lower", "mixed"}, RestPut: {"merge", "replace"}, RestOrder: {"key", "unsorted"}, RestTimes: {"local", "zone"},
	RestBrackets: {"refused", "accepted"}, RestSchema: {"shown", "absent"}, RestLimit: {"none", "enforced"},
}

// AllSwitches gives the switches, sorted.
func AllSwitches() []Switch { return positions.All() }

// Positions gives the positions of a switch, the default first.
func Positions(w Switch) []string { return positions.Of(w) }

// Switches are positions by switch. One that is absent is in its first position.
type Switches map[Switch]string

// columnSwitches are those that name or describe columns: they stay as New found them.
var columnSwitches = []Switch{BobSyncColumn, VATColumn, VATField, ContactKeys, ContactEmpty, CompanyType}

// full gives the positions of all switches.
func (w Switches) full() (Switches, error) { return positions.Full(w) }

// Switches gives the positions of all switches.
func (s *Server) Switches() Switches {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.switches)
}

// SetSwitches puts switches into positions from the next call on; the others stay. What names columns cannot be changed.
func (s *Server) SetSwitches(w Switches) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	next := maps.Clone(s.switches)
	maps.Copy(next, w)
	next, err := next.full()
	if err != nil {
		return err
	}
	for _, name := range columnSwitches {
		if next[name] != s.switches[name] {
			return fmt.Errorf("switch %s: names a column, only New sets it", name)
		}
	}
	s.switches = next
	return nil
}

// on tells whether a switch is in a position. The caller has the lock.
func (s *Server) on(w Switch, position string) bool { return s.switches[w] == position }
