package sagex3test_test

import (
	"encoding/json"
	"encoding/xml"
	"net/http"
	"strings"
	"testing"

	"syncbox/connectors/sagex3/sagex3test"
)

// Requirement: LAB-2
func TestSignIn(t *testing.T) {
	for _, row := range []struct {
		name  string
		setUp func(*rig)
		want  string // part of a message; "" is success
		fault string
	}{
		{name: "the technical user", setUp: func(*rig) {}},
		{name: "a salesman", setUp: func(r *rig) { r.login, r.password = "u1", "SECRET-U1" }},
		{name: "a user whom the product does not know", setUp: func(r *rig) {
			r.AddUser(sagex3test.User{Code: "X", Login: "x", Password: "p", NoUser: true})
			r.login, r.password = "x", "p"
		}, want: "Change login error"},
		{name: "another pool", setUp: func(r *rig) { r.context["poolAlias"] = "OTHER" }, fault: "No such pool alias"},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := newRig(t, options{})
			row.setUp(r)
			a := r.query("TSK", 1)
			if a.ok() != (row.want == "" && row.fault == "") || !a.said(row.want) || !strings.Contains(a.fault, row.fault) {
				t.Errorf("got %d %v %q, want %q", a.http, a.messages, a.fault, row.want+row.fault)
			}
		})
	}
}

func TestOldVersion(t *testing.T) {
	r := newRig(t, options{Version: sagex3test.V6})
	if a := r.query("TSK", 1); !a.ok() {
		t.Errorf("V6: got %d %s, want success", a.http, a.body)
	}
	r.context["password"] = "wrong"
	if a := r.query("TSK", 1); a.http != 200 || a.status != "0" || !a.said("Change login error") {
		t.Errorf("V6, wrong password: got %d %s", a.http, a.body)
	}
	for _, path := range []string{sagex3test.PathV7, "/api1/x3/erp/SEED/TSK"} {
		r.path = path
		if a := r.query("TSK", 1); a.http != 404 {
			t.Errorf("V6, %s: got %d, want 404", path, a.http)
		}
	}
	r = newRig(t, options{})
	r.path = sagex3test.PathV6
	if a := r.query("TSK", 1); a.http != 200 || a.status != "0" || len(a.messages) != 0 || a.result != "" || len(a.infos) != 0 {
		t.Errorf("the old address of a V7: got %d %s, want nothing at all", a.http, a.body)
	}
}

func TestWSDL(t *testing.T) {
	for _, row := range []struct {
		version sagex3test.Version
		path    string
		login   bool
		status  int
	}{
		{sagex3test.V7, sagex3test.PathWSDL + "?wsdl", true, 200}, {sagex3test.V7, sagex3test.PathWSDL + "?wsdl", false, 401},
		{sagex3test.V7, sagex3test.PathWSDL, true, 404}, {sagex3test.V6, sagex3test.PathV6 + "?wsdl", false, 200}, {sagex3test.V6, sagex3test.PathV6, false, 404},
	} {
		r := newRig(t, options{Version: row.version})
		q, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://x3.example:8124"+row.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if row.login {
			q.SetBasicAuth("syncbox", "SECRET")
		}
		a := r.do(q)
		if a.http != row.status {
			t.Errorf("V%d %s: got %d, want %d", row.version, row.path, a.http, row.status)
		}
		if row.status != 200 {
			continue
		}
		var doc struct {
			Operations []struct {
				Name  string `xml:"name,attr"`
				Order string `xml:"parameterOrder,attr"`
			} `xml:"portType>operation"`
			Messages []struct{} `xml:"message"`
			Address  struct {
				Location string `xml:"location,attr"`
			} `xml:"service>port>address"`
		}
		if err := xml.Unmarshal([]byte(a.body), &doc); err != nil {
			t.Fatal(err)
		}
		order := map[string]string{}
		for _, op := range doc.Operations {
			order[op.Name] = op.Order
		}
		if len(order) != 12 || len(doc.Messages) != 24 || order["insertLines"] != "callContext publicName objectKeys blocKey lineKey lineXml" ||
			!strings.HasSuffix(doc.Address.Location, "CAdxWebServiceXmlCC") || strings.Contains(doc.Address.Location, "wsdl") {
			t.Errorf("V%d: got %d operations %v, %d messages, %s", row.version, len(order), order, len(doc.Messages), doc.Address.Location)
		}
	}
}

// What a caller sent, and who he is, is in no journal.
func TestNoSecretInTheJournal(t *testing.T) {
	for _, version := range []sagex3test.Version{sagex3test.V6, sagex3test.V7} {
		var log strings.Builder
		r := newRig(t, options{Version: version, Password: "GEHEIM", Log: logTo(&log)})
		r.password, r.context["password"] = "GEHEIM", "GEHEIM"
		r.save("TSK", groups(param("TSK0_1", "TSKCRM", "INCONNU"), param("TSK1_1", "FULOBJ", "confidentiel", "TSKREP", "R1")))
		r.query("TSK", 5, "TSKCRM", "C00002")
		r.read("BPC", "BPCNUM", "C00003")
		r.read("TSK", "TSKNUM", "TSK000000000001")
		r.password, r.context["password"] = "FALSCH", "FALSCH"
		r.query("TSK", 5)
		journal := string(must(json.Marshal(r.Journal(sagex3test.JournalQuery{}))))
		for _, secret := range []string{"GEHEIM", "FALSCH", "syncbox", "confidentiel", "INCONNU", "C00002", "C00003", "R0VIRUlN"} {
			if strings.Contains(journal, secret) || strings.Contains(log.String(), secret) {
				t.Errorf("V%d: the journal or the log has %s: %s %s", version, secret, journal, log.String())
			}
		}
		if !strings.Contains(journal, "TSK000000000001") || !strings.Contains(log.String(), "save") {
			t.Errorf("V%d: nothing in the journal: %s %s", version, journal, log.String())
		}
	}
}
