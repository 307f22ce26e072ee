package connectors_test

import (
	"testing"

	"syncbox/connectors"
)

func TestCommonNames(t *testing.T) {
	acomba, quickbooks := connectors.Names{ERP: "Acomba", CRM: "CRM"}, connectors.Names{ERP: "QuickBooks", CRM: "CRM"}
	for _, tt := range []struct {
		name string
		all  []connectors.Names
		want connectors.Names
	}{
		{"of no job", nil, connectors.Names{}},
		{"of one", []connectors.Names{acomba}, acomba},
		{"of two of a kind", []connectors.Names{acomba, acomba}, acomba},
		{"of two pairs with one CRM", []connectors.Names{acomba, quickbooks}, connectors.Names{CRM: "CRM"}},
		{"of a third that is as the first", []connectors.Names{acomba, quickbooks, acomba}, connectors.Names{CRM: "CRM"}},
		{"of two pairs without any", []connectors.Names{acomba, {ERP: "Sage X3", CRM: "Outlook"}}, connectors.Names{}},
	} {
		if got := connectors.Common(tt.all...); got != tt.want {
			t.Errorf("%s: got %+v, want %+v", tt.name, got, tt.want)
		}
	}
}
