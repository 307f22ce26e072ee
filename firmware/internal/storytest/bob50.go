package storytest

import (
	"fmt"
	"slices"
	"strings"

	"syncbox/connectors/bob50/bob50test"
	"syncbox/connectors/sagecrm/sagecrmtest"
)

// Backed are the two products of a story with Sage BOB 50 and Sage CRM.
type Backed struct {
	BOB *bob50test.Site
	CRM *sagecrmtest.Server
	// Out are references that a person left out.
	Out map[string]bool
}

// Eligible are the references of the third parties that are to be synchronised: customers with a VAT number that nobody else has,
// whose company, if there is one, is ticked and of type customer.
func (s Backed) Eligible() (cids []string, err error) {
	count := map[string]int{}
	rows, err := s.BOB.Table(bob50test.Parties)
	for _, p := range rows {
		count[p.Text("CVATNO")]++
	}
	for _, p := range rows {
		number := p.Text("CVATNO")
		if p.Text("CCUSTYPE") == "C" && number != "" && count[number] == 1 && !s.closed(number) {
			cids = append(cids, p.Text("CID"))
		}
	}
	slices.Sort(cids)
	return cids, err
}

// closed says whether a company of the CRM with this number is not to be synchronised.
func (s Backed) closed(number string) bool {
	return slices.ContainsFunc(s.companies(number), func(c sagecrmtest.Record) bool {
		return c.Values["comp_bobsync"] != "Y" || c.Values["comp_type"] != "Customer"
	})
}

// companies are the living ones with a VAT number, however it is written.
func (s Backed) companies(number string) []sagecrmtest.Record {
	plain := strings.NewReplacer(" ", "", ".", "", "-", "", "/", "")
	return slices.DeleteFunc(s.CRM.Records(sagecrmtest.Company), func(c sagecrmtest.Record) bool {
		return c.Deleted || !strings.HasSuffix(plain.Replace(c.Values["comp_vatnumber"]), number)
	})
}

// Company is the one of a third party; false if there is none, or there are several.
func (s Backed) Company(cid string) (sagecrmtest.Record, bool) {
	p, err := s.BOB.Party(cid)
	if err != nil || p.Text("CVATNO") == "" {
		return sagecrmtest.Record{}, false
	}
	if all := s.companies(p.Text("CVATNO")); len(all) == 1 {
		return all[0], true
	}
	return sagecrmtest.Record{}, false
}

// City is what the CRM shows of a company.
func (s Backed) City(company int64) string {
	for _, a := range s.CRM.Children(sagecrmtest.Company, company, sagecrmtest.Address) {
		return a.Values["addr_city"]
	}
	return ""
}

// Missing lists the references of which the CRM does not show what BOB 50 does, and those that it shows though a person left them out.
func (s Backed) Missing() (wrong []string, err error) {
	cids, err := s.Eligible()
	for _, cid := range cids {
		c, there := s.Company(cid)
		switch {
		case s.Out[cid] && there:
			wrong = append(wrong, cid+" was left out and is there")
		case !s.Out[cid] && (!there || !s.same(cid, c)):
			wrong = append(wrong, cid)
		}
	}
	return wrong, err
}

func (s Backed) same(cid string, c sagecrmtest.Record) bool {
	p, err := s.BOB.Party(cid)
	name := strings.Join(strings.Fields(p.Text("CNAME1")), " ")
	return err == nil && strings.HasPrefix(c.Values["comp_name"], name) && s.City(c.ID) == strings.TrimSpace(p.Text("CLOCALITY")) && s.people(cid, c.ID)
}

// people says whether each person of a third party is one of its company.
func (s Backed) people(cid string, company int64) bool {
	rows, err := s.BOB.Table(bob50test.Contacts)
	there := s.CRM.Children(sagecrmtest.Company, company, sagecrmtest.Person)
	for _, p := range rows {
		if p.Text("PCID") == cid && !slices.ContainsFunc(there, func(r sagecrmtest.Record) bool { return r.Values["pers_lastname"] == p.Text("PNAME") }) {
			return false
		}
	}
	return err == nil
}

// Counts are the companies and persons of the CRM that are third parties of BOB 50 and theirs, and the companies that the box made or
// changed.
func (s Backed) Counts() (companies, persons, written int, err error) {
	cids, err := s.Eligible()
	for _, cid := range cids {
		if c, there := s.Company(cid); there {
			companies++
			persons += len(s.CRM.Children(sagecrmtest.Company, c.ID, sagecrmtest.Person))
		}
	}
	touched := map[int64]bool{}
	for _, c := range s.CRM.Changes(sagecrmtest.ChangeQuery{Entity: sagecrmtest.Company, Author: "calls"}) {
		touched[c.ID] = true
	}
	return companies, persons, len(touched), err
}

// Forbidden makes sure that nothing was made twice or deleted, nobody's work undone, and BOB's own files left alone.
func (s Backed) Forbidden() error {
	wrong, err := s.BOB.Trespasses()
	switch {
	case err != nil:
		return err
	case len(wrong) > 0:
		return fmt.Errorf("written where nothing may be: %s", Some(wrong))
	case len(s.CRM.Duplicates()) > 0:
		return fmt.Errorf("%d companies made twice", len(s.CRM.Duplicates()))
	case len(s.CRM.Deleted()) > 0:
		return fmt.Errorf("%d records deleted", len(s.CRM.Deleted()))
	}
	return nil
}
