package mapping_test

import (
	"errors"
	"testing"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// A mapper goes by what the fields can hold now: the ERP's width, the CRM's kind.
func TestDescribe(t *testing.T) {
	long := record.TextOf("Les Entreprises Tremblay")
	text := mapper(t, connectors.Lens{Kind: connectors.LensText}, record.Text)
	if _, why := put(text, connectors.ERP, long, nil); why != "value-too-long" {
		t.Errorf("width %d: got %q", width, why)
	}
	codes := mapper(t, connectors.Lens{Kind: connectors.LensCodes, Codes: map[string]string{"a": "01"}}, record.Text)
	if got := common(codes, connectors.ERP, record.TextOf("a"), nil).Value; !got.Equal(record.TextOf("01")) {
		t.Errorf("as text: got %v", got)
	}
	erp, crm := source{"f": {Kind: record.Text, MaxLen: 2 * width}}, source{"F": {Kind: record.Number}}
	if err := errors.Join(text.Describe(erp, crm), codes.Describe(erp, crm)); err != nil {
		t.Fatal(err)
	}
	if got, why := put(text, connectors.ERP, long, nil); !got.Equal(long) {
		t.Errorf("width %d: got %v %q", 2*width, got, why)
	}
	want := record.Value{Kind: record.Number, Text: "1"}
	if got := common(codes, connectors.ERP, record.TextOf("a"), nil).Value; !got.Equal(want) {
		t.Errorf("as a number: got %v", got)
	}
}

// A description that the profile can't be used with is refused, and the one before goes on to count.
func TestDescribeWrong(t *testing.T) {
	m := mapper(t, connectors.Lens{Kind: connectors.LensCodes, Codes: map[string]string{"a": "one"}}, record.Text)
	for name, crm := range map[string]source{"without the field": {"G": {}}, "a number": {"F": {Kind: record.Number}}} {
		if err := m.Describe(source{"f": {}}, crm); !errors.Is(err, connectors.ErrProfile) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if err := m.Describe(source{"f": {}}, source(nil)); err != nil {
		t.Errorf("a side that knows nothing just now: %v", err)
	}
	if got := common(m, connectors.ERP, record.TextOf("a"), nil).Value; !got.Equal(record.TextOf("one")) {
		t.Errorf("got %v", got)
	}
}
