package sagex3test_test

import (
	"bytes"
	"testing"
)

// Whatever is sent, a call is answered, and one that is refused has changed nothing.
func FuzzEnvelopes(f *testing.F) {
	seeds := &rig{context: map[string]string{"codeLang": "ENG", "poolAlias": "SYNCBOX"}}
	f.Add(seeds.envelope("query", "TSK", keys("TSKCRM", "C00001"), size(10)))
	f.Add(seeds.envelope("save", "TSK", str("objectXml", owned("FULOBJ", "x"))))
	f.Add(seeds.envelope("deleteLines", "BAP", keys("BAPNUM", "x"), str("blocKey", "BAP2_1"), `<lineKeys/>`))
	f.Add("<a/>")
	f.Fuzz(func(t *testing.T, body string) {
		r := newRig(t, options{})
		r.changesNothing(func() reply { return r.do(r.send(body)) })
	})
}

func FuzzPayloads(f *testing.F) {
	f.Add("TSK", groups(owned("FULOBJ", "x"), param("TSK0_1", "TSKCRM", "NIX")))
	f.Add("TSK", `{"TSK1_1":{"TSKREP":"R1"},"TSK0_1":{"TSKDON":2}}`)
	f.Add("BPC", `<PARAM><GRP ID="BPC0_1"><FLD NAME="BPCNUM">N</FLD></GRP><GRP ID="BPRC_1"><LST NAME="BPRNAM"><ITM>a</ITM></LST></GRP><TAB ID="BPAC_1"><LIN NUM="1"/></TAB></PARAM>`)
	f.Add("BAP", appointment("0900", "1000", withR2))
	f.Add("YPARAM", `<PARAM><TAB ID="GRP1"><LIN><FLD NAM="I_PARAM">CRMSYNC</FLD></LIN></TAB></PARAM>`)
	f.Fuzz(func(t *testing.T, name, payload string) {
		r := newRig(t, options{})
		r.changesNothing(func() reply { return r.save(name, payload) })
		r.changesNothing(func() reply { return r.call("run", name, str("inputXml", payload)) })
	})
}

func FuzzWhere(f *testing.F) {
	for _, text := range []string{`TSKREP eq "R1" and (UPDTICK gt 1 or not TSKNUM like "T%")`, `UPDDATTIM ge @2026-01-15T12:00:00Z@`, `((`, `TSKDON eq -`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r := newRig(t, options{})
		r.task("x")
		if p := r.get("GET", where(text)); p.status != 200 && p.status != 500 {
			t.Errorf("%d %s", p.status, p.body)
		}
	})
}

// changesNothing makes a call and holds the state against the one before, unless the call was carried out.
func (r *rig) changesNothing(call func() reply) {
	r.t.Helper()
	before := r.Save()
	a := call()
	if a.err != nil || a.http != 200 && a.http != 500 {
		r.t.Errorf("%d %v %s", a.http, a.err, a.body)
	}
	if after := r.Save(); !a.ok() && !bytes.Equal(untraced(before), untraced(after)) {
		r.t.Errorf("a refused call changed the state:\n%s\n%s", before, after)
	}
}

// untraced leaves the number of traces out, which a refusal counts up.
func untraced(saved []byte) []byte {
	begin := bytes.Index(saved, []byte(`"Traced":`))
	end := begin + bytes.IndexByte(saved[begin:], ',')
	return append(bytes.Clone(saved[:begin]), saved[end:]...)
}
