package sagecrmtest_test

import (
	"bytes"
	"strings"
	"testing"

	"syncbox/connectors/sagecrm/sagecrmtest"
)

// Whatever is sent, a call is answered by something that can be read, and one that is refused has changed nothing.
func FuzzEnvelopes(f *testing.F) {
	seeds := &rig{t: f, session: "1"}
	f.Add(seeds.envelope("query", el("queryString", "comp_name like 'a%' and (comp_companyid in (1,2))")+el("entityname", "company")))
	f.Add(seeds.envelope("update", el("entityname", "company")+records(el("companyid", "1")+`<typ:phone>`+el("number", "1")+`</typ:phone>`)))
	f.Add("<a/>")
	f.Fuzz(func(t *testing.T, body string) {
		r := site(t, nil)
		body = strings.ReplaceAll(body, ">1<", ">"+r.session+"<")
		before := r.Save()
		a := r.post(body)
		if a.err != nil || a.root == nil || a.fault() != "" && !bytes.Equal(before, r.Save()) {
			t.Errorf("%d %v %s", a.status, a.err, a.body)
		}
	})
}

func FuzzWhere(f *testing.F) {
	for _, text := range []string{"comp_name eq 'x' and comp_companyid between 1 and 2", "comp_updateddate gt @2026@", "((", "comp_c_ceiling = -1e9"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r := site(t, switches{sagecrmtest.RestBrackets: "accepted"})
		if a := r.where(text); a.status != 200 && a.status != 400 {
			t.Errorf("REST: %d %s", a.status, a.body)
		}
		if a := r.query("company", text); a.status != 200 && a.fault() == "" {
			t.Errorf("SOAP: %d %s", a.status, a.body)
		}
	})
}
