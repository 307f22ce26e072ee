package sagex3test_test

import (
	"encoding/json"
	"encoding/xml"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/sagex3/sagex3test"
)

// owned are the two groups that a task needs, with more fields of the second.
func owned(pairs ...string) string {
	return param("TSK1_1", append([]string{"TSKREP", "R1"}, pairs...)...)
}

// Requirement: LAB-2
func TestPayloads(t *testing.T) {
	long := strings.Repeat("é", 16)
	for _, row := range []struct {
		name, payload string
		want          string // part of the refusal; "" if it is taken
	}{
		{name: "one group", payload: owned()},
		{name: "with types", payload: `<PARAM><GRP ID="TSK1_1"><FLD NAME="TSKREP" TYPE="Char">R1</FLD><FLD NAME="TSKSTR" TYPE="Date">20260228</FLD></GRP></PARAM>`},
		{name: "a text as Char", payload: `<PARAM><GRP ID="TSK1_1"><FLD NAME="TSKREP">R1</FLD><FLD NAME="FULOBJ" TYPE="Char">x</FLD></GRP></PARAM>`},
		{name: "a prolog, CDATA and comments", payload: `<?xml version="1.0" encoding="UTF-8"?><PARAM><!-- x --><GRP ID="TSK1_1"><FLD NAME="TSKREP"><![CDATA[R1]]></FLD></GRP></PARAM>`},
		{name: "JSON", payload: `{"TSK1_1":{"TSKREP":"R1","TSKSTR":20260228},"TSK0_1":{"TSKDON":"2"}}`},
		{name: "empty values", payload: owned("TSKSTR", "", "FULOBJ", "")},
		{name: "lines in a text", payload: owned("FULOBJ", "a\nb")},
		{name: "what is shown only", payload: groups(owned(), param("TSK9_1", "UPDUSR", "NOBODY"))},
		{name: "not well-formed", payload: `<PARAM><GRP ID="TSK1_1"></PARAM>`, want: "Xml parse error"},
		{name: "nothing", payload: ``, want: "Xml parse error"},
		{name: "another root", payload: `<RESULT/>`, want: "PARAM expected"},
		{name: "field under the root", payload: `<PARAM><FLD NAME="TSKREP">R1</FLD></PARAM>`,
			want: "Cannot add field [FLD] under root node. Field [TSKREP] not found into X3 description."},
		{name: "group without ID", payload: `<PARAM><GRP><FLD NAME="TSKREP">R1</FLD></GRP></PARAM>`, want: "No attribute ID found into GRP tag."},
		{name: "unknown group", payload: param("TSK7_1", "TSKREP", "R1"), want: "Group [TSK7_1] not found"},
		{name: "unknown field", payload: owned("TSKXYZ", "1"), want: "Field [TSKXYZ] not found"},
		{name: "field of another group", payload: owned("TSKCRM", "C00001"), want: "Field [TSKCRM] not found"},
		{name: "field without NAME", payload: `<PARAM><GRP ID="TSK1_1"><FLD>R1</FLD></GRP></PARAM>`, want: "No attribute NAME"},
		{name: "NAM", payload: `<PARAM><GRP ID="TSK1_1"><FLD NAM="TSKREP">R1</FLD></GRP></PARAM>`, want: "No attribute NAME"},
		{name: "TAB for one line", payload: `<PARAM><TAB ID="TSK1_1"><LIN><FLD NAME="TSKREP">R1</FLD></LIN></TAB></PARAM>`, want: "use GRP"},
		{name: "another type", payload: `<PARAM><GRP ID="TSK1_1"><FLD NAME="TSKREP" TYPE="Integer">R1</FLD></GRP></PARAM>`, want: "[Char] expected"},
		{name: "LST of what is not repeated", payload: `<PARAM><GRP ID="TSK1_1"><LST NAME="TSKREP"><ITM>R1</ITM></LST></GRP></PARAM>`, want: "use FLD"},
		{name: "unknown tag", payload: `<PARAM><GRP ID="TSK1_1"><X/></GRP></PARAM>`, want: "Unknown tag [X]"},
		{name: "too long", payload: groups(owned(), param("TSK0_1", "TSKCRM", long)), want: "TSKCRM: incorrect value"},
		{name: "not a day", payload: owned("TSKSTR", "2026-02-28"), want: "TSKSTR: incorrect value"},
		{name: "no such day", payload: owned("TSKSTR", "20260229"), want: "TSKSTR: incorrect value"},
		{name: "no such item", payload: groups(owned(), param("TSK0_1", "TSKDON", "3")), want: "TSKDON: incorrect value"},
		{name: "a label for a number", payload: groups(owned(), param("TSK0_1", "TSKDON", "Oui")), want: "TSKDON: incorrect value"},
		{name: "not a number", payload: groups(owned(), param("TSK2_1", "HOUTIMSPG", "1h")), want: "HOUTIMSPG: incorrect value"},
		{name: "JSON that ends", payload: `{"TSK1_1":{"TSKREP":"R1"`, want: "Json parse error"},
		{name: "JSON with another object", payload: `{"TSK1_1":{"TSKREP":"R1"}}{}`, want: "Json parse error"},
		{name: "JSON with a boolean", payload: `{"TSK1_1":{"TSKREP":true}}`, want: "Json parse error"},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := newRig(t, options{})
			a := r.save("TSK", row.payload)
			if a.ok() != (row.want == "") || !a.said(row.want) {
				t.Errorf("got %s %q, want %q", a.status, a.messages, row.want)
			}
			if made := len(r.Records(sagex3test.Tasks)) == 1; made != a.ok() {
				t.Errorf("made %t although the answer is %t", made, a.ok())
			}
		})
	}
}

func TestGridsOfPayloads(t *testing.T) {
	const meeting = `<GRP ID="BAP0_1"><FLD NAME="BAPREP">R1</FLD></GRP><GRP ID="BAP1_1"><FLD NAME="BAPSTR">20260120</FLD><FLD NAME="BAPSTH">0900</FLD>` +
		`<FLD NAME="BAPEND">20260120</FLD><FLD NAME="BAPENH">1000</FLD></GRP>`
	for _, row := range []struct{ name, grid, want string }{
		{"a grid", `<TAB DIM="20" ID="BAP2_1" SIZE="1"><LIN NUM="1"><FLD NAME="BAPCOL" TYPE="Char">R2</FLD></LIN></TAB>`, ""},
		{"without numbers", `<TAB ID="BAP2_1"><LIN><FLD NAME="BAPCOL">R2</FLD></LIN></TAB>`, ""},
		{"as a group", `<GRP ID="BAP2_1"><FLD NAME="BAPCOL">R2</FLD></GRP>`, "Group [BAP2_1] has a dimension greater than 1. You have to use TAB Xml tag."},
		{"no ID", `<TAB><LIN><FLD NAME="BAPCOL">R2</FLD></LIN></TAB>`, "No attribute ID found into TAB tag."},
		{"another SIZE", `<TAB ID="BAP2_1" SIZE="2"><LIN><FLD NAME="BAPCOL">R2</FLD></LIN></TAB>`, "SIZE"},
		{"a gap", `<TAB ID="BAP2_1"><LIN NUM="2"><FLD NAME="BAPCOL">R2</FLD></LIN></TAB>`, "has no line 2"},
		{"line 0", `<TAB ID="BAP2_1"><LIN NUM="0"><FLD NAME="BAPCOL">R2</FLD></LIN></TAB>`, "NUM"},
		{"fields without a line", `<TAB ID="BAP2_1"><FLD NAME="BAPCOL">R2</FLD></TAB>`, "Unknown tag [FLD]"},
		{"too many", `<TAB ID="BAP2_1">` + strings.Repeat(`<LIN><FLD NAME="BAPCOL">R2</FLD></LIN>`, 21) + `</TAB>`, "20 lines at most"},
		{"nobody", `<TAB ID="BAP2_1"><LIN><FLD NAME="BAPCOL">R9</FLD></LIN></TAB>`, "R9: representative does not exist"},
	} {
		r := newRig(t, options{})
		if a := r.save("BAP", `<PARAM>`+meeting+row.grid+`</PARAM>`); a.ok() != (row.want == "") || !a.said(row.want) {
			t.Errorf("%s: got %s %q, want %q", row.name, a.status, a.messages, row.want)
		}
	}
}

// What goes in comes out, in both forms and with all signs.
//
// Requirement: LAB-10
func TestValuesSurvive(t *testing.T) {
	const text = "Œuvre & façade <b> ]]> 😀 €\nsecond line "
	for _, json := range []bool{false, true} {
		r := newRig(t, options{})
		if json {
			r.context["requestConfig"] = "adxwss.optreturn=JSON"
		}
		r.save("TSK", groups(owned("FULOBJ", text, "TSKSTR", "20240229"), param("TSK0_1", "TSKDON", "2"), param("TSK2_1", "HOUTIMSPG", "3", "MINTIMSPG", "5")))
		a := r.read("TSK", "TSKNUM", "TSK000000000001")
		got := flds(a.result)
		if json {
			got = members(t, a.result)
		}
		want := map[string]string{"FULOBJ": text, "TSKSTR": "20240229", "TSKDON": "2", "HOUTIMSPG": "3", "MINTIMSPG": "5", "TSKNUM": "TSK000000000001", "TSKDAT": "", "TSKCRM": ""}
		for code, v := range want {
			if got[code] != v {
				t.Errorf("JSON %t, %s: got %q, want %q", json, code, got[code], v)
			}
		}
	}
}

// members gives the texts of the groups of a JSON result.
func members(t *testing.T, doc string) map[string]string {
	t.Helper()
	var groups map[string]json.RawMessage
	if err := json.Unmarshal([]byte(doc), &groups); err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, one := range groups {
		var fields map[string]any
		if json.Unmarshal(one, &fields) != nil {
			continue
		}
		for k, v := range fields {
			if s, ok := v.(string); ok {
				out[k] = s
			}
		}
	}
	return out
}

// The grammar of the specification's sample: lists, local menus with their label and number, grids with DIM and SIZE.
func TestFormOfAResult(t *testing.T) {
	r := newRig(t, options{})
	r.save("BPC", `<PARAM><GRP ID="BPC0_1"><FLD NAME="BPCNUM">NEW</FLD></GRP><GRP ID="BPRC_1"><LST NAME="BPRNAM" SIZE="2" TYPE="Char"><ITM>first line</ITM><ITM>second line</ITM></LST></GRP>`+
		`<TAB DIM="30" ID="BPAC_1" SIZE="1"><LIN NUM="1"><FLD NAME="CODADR" TYPE="Char">MAIN</FLD><FLD MENULAB="Yes" MENULOCAL="1" NAME="BPAADDFLG" TYPE="Integer">2</FLD></LIN></TAB></PARAM>`)
	a := r.read("BPC", "BPCNUM", "NEW")
	type fld struct {
		Menulab   string `xml:"MENULAB,attr"`
		Menulocal string `xml:"MENULOCAL,attr"`
		Name      string `xml:"NAME,attr"`
		Type      string `xml:"TYPE,attr"`
		Value     string `xml:",chardata"`
	}
	var got struct {
		XMLName xml.Name
		Lists   []struct {
			Name  string   `xml:"NAME,attr"`
			Size  string   `xml:"SIZE,attr"`
			Items []string `xml:"ITM"`
		} `xml:"GRP>LST"`
		Tab struct {
			Dim   string `xml:"DIM,attr"`
			ID    string `xml:"ID,attr"`
			Size  string `xml:"SIZE,attr"`
			Lines []struct {
				Num    string `xml:"NUM,attr"`
				Fields []fld  `xml:"FLD"`
			} `xml:"LIN"`
		} `xml:"TAB"`
	}
	if err := xml.Unmarshal([]byte(a.result), &got); err != nil {
		t.Fatalf("%v: %s", err, a.body)
	}
	if got.XMLName.Local != "RESULT" || len(got.Lists) != 1 || got.Lists[0].Name != "BPRNAM" || got.Lists[0].Size != "2" || got.Tab.Dim != "30" ||
		got.Tab.ID != "BPAC_1" || got.Tab.Size != "1" || got.Tab.Lines[0].Num != "1" {
		t.Fatalf("got %+v", got)
	}
	if diff := cmp.Diff([]string{"first line", "second line"}, got.Lists[0].Items); diff != "" {
		t.Error(diff)
	}
	last := got.Tab.Lines[0].Fields[4]
	if diff := cmp.Diff(fld{"Yes", "1", "BPAADDFLG", "Integer", "2"}, last); diff != "" {
		t.Error(diff)
	}
	r.context["codeLang"], r.context["requestConfig"] = "FRA", "adxwss.beautify=true"
	if a := r.read("BPC", "BPCNUM", "NEW"); !strings.Contains(a.result, `MENULAB="Oui"`) || !strings.Contains(a.result, "\n  <GRP") {
		t.Errorf("French, beautified: %s", a.result)
	}
}
