package sagex3_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"syncbox/connectors/record"
	"syncbox/connectors/sagex3"
)

// group are the fields of a group, each with its values.
type group = map[string][]string

var text, lines, code, yes, date, moment, span, reference = sagex3.AsText, sagex3.AsLines, sagex3.AsCode, sagex3.AsYes, sagex3.AsDay, sagex3.AsMoment, sagex3.AsSpan, sagex3.AsRef

// TestValues: each kind of field as X3 writes it, and back.
//
// Requirement: X3-29, X3-30, X3-31, X3-51
func TestValues(t *testing.T) {
	paris, err := time.LoadLocation("Europe/Paris")
	must(t, err)
	c := sagex3.Config{Zone: paris}
	minutes := func(n int64) record.Value { return record.NumberOf(decimal.NewFromInt(n)) }
	for _, test := range []struct {
		name string
		how  sagex3.How
		code string
		in   group
		want record.Value
		back group // nil: as in
	}{
		{"text", text, "A", group{"A": {"Relance"}}, record.TextOf("Relance"), nil},
		{"code", code, "A", group{"A": {"c001"}}, record.TextOf("C001"), group{"A": {"C001"}}},
		{"lines", lines, "A", group{"A": {"un", "deux"}}, record.TextOf("un\ndeux"), group{"A": {"un\ndeux"}}},
		{"yes", yes, "A", group{"A": {"2"}}, record.BoolOf(true), nil},
		{"no", yes, "A", group{"A": {"1"}}, record.BoolOf(false), nil},
		{"not said", yes, "A", group{"A": {"0"}}, record.BoolOf(false), group{"A": {"1"}}},
		{"day", date, "A", group{"A": {"20260228"}}, record.Value{Kind: record.Date, Text: "2026-02-28"}, nil},
		{"day of REST", date, "A", group{"A": {"2026-02-28"}}, record.Value{Kind: record.Date, Text: "2026-02-28"}, group{"A": {"20260228"}}},
		{"no day", date, "A", group{"A": {"00000000"}}, record.Value{}, group{"A": {""}}},
		{"moment in two", moment, "A,B", group{"A": {"20260715"}, "B": {"0930"}}, at("2026-07-15T07:30:00Z"), nil},
		{"moment in winter", moment, "A,B", group{"A": {"20260115"}, "B": {"0930"}}, at("2026-01-15T08:30:00Z"), nil},
		{"moment in one", moment, "A", group{"A": {"20260715093000"}}, at("2026-07-15T07:30:00Z"), nil},
		{"moment of REST", moment, "A", group{"A": {"2026-07-15T07:30:00Z"}}, at("2026-07-15T07:30:00Z"), group{"A": {"20260715093000"}}},
		{"no moment", moment, "A,B", group{"A": {""}, "B": {""}}, record.Value{}, nil},
		{"span in two", span, "A,B", group{"A": {"1"}, "B": {"45"}}, minutes(105), nil},
		{"span in one", span, "A", group{"A": {"105"}}, minutes(105), nil},
		{"span with decimals", span, "A,B", group{"A": {"2.0"}, "B": {""}}, minutes(120), group{"A": {"2"}, "B": {"0"}}},
		{"no span", span, "A,B", group{"A": {"0"}, "B": {""}}, record.Value{}, group{"A": {"0"}, "B": {"0"}}},
		{"reference", reference, "A", group{"A": {"COR0001"}}, record.RefOf("COR0001"), nil},
		{"hour shown twice", moment, "A,B", group{"A": {"20261025"}, "B": {"0230"}}, at("2026-10-25T00:30:00Z"), nil},
		{"hour left out", moment, "A,B", group{"A": {"20260329"}, "B": {"0230"}}, at("2026-03-29T01:30:00Z"), group{"A": {"20260329"}, "B": {"0330"}}},
		{"leap day", date, "A", group{"A": {"20280229"}}, day("2028-02-29"), nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := c.ReadValue(test.how, test.code, test.in)
			if err != nil || !got.Equal(test.want) {
				t.Fatalf("read %+v, %v, want %+v", got, err, test.want)
			}
			want := test.back
			if want == nil {
				want = test.in
			}
			back, err := c.WriteValue(test.how, test.code, got)
			if diff := cmp.Diff(want, back); err != nil || diff != "" {
				t.Errorf("written (-want +got): %s, %v", diff, err)
			}
		})
	}
}

// TestUnreadable: a value that its field can't mean holds the record back; its other fields are read.
func TestUnreadable(t *testing.T) {
	c := sagex3.Config{Zone: time.UTC}
	for _, test := range []struct{ name, code, text string }{
		{"done", "TSKDON", "3"}, {"due", "TSKDAT", "20260230"}, {"start", "TSKSTR", "soon"},
	} {
		r, err := c.ReadRecord(record.Task, "TSK1", `<RESULT><GRP ID="X"><FLD NAME="FULOBJ">Relance</FLD><FLD NAME="`+test.code+`">`+test.text+`</FLD></GRP></RESULT>`)
		if err != nil || r.Held != sagex3.CodeRecordUnreadable || r.HeldArgs["field"] != test.name || r.Fields["subject"].Text != "Relance" {
			t.Errorf("%s: %+v, %v", test.name, r, err)
		}
	}
	if v, err := c.ReadValue(moment, "A,B", group{"A": {"20260101"}, "B": {"2561"}}); err == nil {
		t.Errorf("a moment at 25:61: %+v", v)
	}
	if v, err := c.ReadValue(span, "A", group{"A": {"1e99999999"}}); err == nil {
		t.Errorf("a span of %+v", v)
	}
}

// TestWholeDays: an appointment until the last minute of a day ends with that day, if it begins with one; on the days on which
// clocks are changed too.
//
// Requirement: X3-29
func TestWholeDays(t *testing.T) {
	for _, test := range []struct{ zone, start, end, wantStart, wantEnd string }{
		{"Europe/Paris", "202703280000", "202703282359", "2027-03-27T23:00:00Z", "2027-03-28T22:00:00Z"},
		{"Europe/Paris", "202710310000", "202711012359", "2027-10-30T22:00:00Z", "2027-11-01T23:00:00Z"},
		{"Europe/Paris", "202703280000", "202703290000", "2027-03-27T23:00:00Z", "2027-03-28T22:00:00Z"},
		{"Europe/Paris", "202703280001", "202703282359", "2027-03-27T23:01:00Z", "2027-03-28T21:59:00Z"},
		{"Europe/Paris", "202703280000", "202703282358", "2027-03-27T23:00:00Z", "2027-03-28T21:58:00Z"},
		{"America/Toronto", "202611010000", "202611012359", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"},
		{"Africa/Cairo", "202704300000", "202704302359", "2027-04-29T22:00:00Z", "2027-04-30T21:00:00Z"}, // clocks go from 0 to 1
	} {
		zone, err := time.LoadLocation(test.zone)
		must(t, err)
		c := sagex3.Config{Zone: zone, Fields: map[record.Entity]map[string]string{record.Appointment: {"start": "A,B", "end": "C,D"}}}
		field := func(code, v string) string { return `<FLD NAME="` + code + `">` + v + `</FLD>` }
		r, err := c.ReadRecord(record.Appointment, "BAP1", `<RESULT><GRP ID="X">`+field("A", test.start[:8])+field("B", test.start[8:])+
			field("C", test.end[:8])+field("D", test.end[8:])+`</GRP></RESULT>`)
		must(t, err)
		if got := r.Fields["start"].Text + " " + r.Fields["end"].Text; got != test.wantStart+" "+test.wantEnd {
			t.Errorf("%s %s to %s: got %s, want %s %s", test.zone, test.start, test.end, got, test.wantStart, test.wantEnd)
		}
	}
}

// FuzzPayload: no answer makes the reader panic, and what can't be read is an error.
func FuzzPayload(f *testing.F) {
	f.Add(`<RESULT><GRP ID="TSK0_1"><FLD NAME="TSKNUM">TSK1</FLD><LST NAME="A"><ITM>1</ITM></LST></GRP><TAB ID="B"><LIN><FLD NAM="C"/></LIN></TAB></RESULT>`)
	f.Add(`{"TSK0_1":{"TSKNUM":"TSK1","TSKDON":2,"TSKDON_LBL":"Oui","A":["1",null]},"B":[{"C":"1"}],"D":[]}`)
	f.Add(`[{"TSKNUM":"TSK1"}]`)
	f.Fuzz(func(t *testing.T, text string) {
		for _, e := range entities {
			r, err := sagex3.Config{Zone: time.UTC}.ReadRecord(e, "1", text)
			if err == nil && r.Entity != e {
				t.Fatalf("%s gave %+v", e, r)
			}
		}
	})
}
