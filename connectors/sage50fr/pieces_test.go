package sage50fr_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/connectors/sage50fr"
)

// The same documents with the record in the first column, in the last one, and in none.
//
// Requirement: S50-11, S50-13, S50-16
func TestDocuments(t *testing.T) {
	const heads = "Type de pièce|N° pièce|Date pièce|Code client|Référence pièce|Code représentant pièce|Validée|Taux remise pièce|Mt total TTC|" +
		"Code article|Description|Quantité|PU HT|Taux TVA|Taux remise ligne|Mt remise ligne"
	rows := [][2]string{
		{"E", "Devis|DE1|01/11/2026|CL1|SSM-131|R1||10|259,20|||||||"},
		{"L", "|||||||||A1|Lampe|2,00|100,00|20,00||"},
		{"L", "|||||||||A2|Pose|1|60|20|25|5"},
		{"E", "Facture|FA1|02/11/2026|CL1||R1|Oui|||||||||"},
		{"L", "|||||||||A1|Lampe|3|10|20||"},
		{"E", "Commande|CO1|02/11/2026|CL1||R1|Oui|||||||||"},
		{"L", "|||||||||A1|Lampe|3|10|20||"},
		{"E", "Avoir|AV1|03/11/2026|CL1|SSM-131|R1|Non|||||||||"},
		{"L", "|||||||||A1|Lampe|1|10,005|20||"},
	}
	for _, test := range []struct {
		name string
		line func(record, rest string) string
	}{
		{"first", func(r, rest string) string { return r + "|" + rest }},
		{"last", func(r, rest string) string { return rest + "|" + r }},
		{"absent", func(_, rest string) string { return rest }},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t)
			lines := []string{test.line("X", heads)}
			for _, row := range rows {
				lines = append(lines, test.line(row[0], row[1]))
			}
			r.export("pieces.txt", tabbed(lines...)...)
			r.check(r.look())
			day := func(n int) record.Value { return record.DateOf(time.Date(2026, 11, n, 0, 0, 0, 0, time.UTC)) }
			for _, want := range []record.Record{
				{Entity: record.Quote, Key: "DE1", ExternalID: "SSM-131", Fields: record.Fields{"number": text("DE1"), "reference": text("SSM-131"),
					"account": record.RefOf("CL1"), "date": day(1), "representative": record.RefOf("R1"), "total": money("216"), "total_tax": money("43.2"),
					"lines": record.RowsOf(
						record.Fields{"no": money("1"), "product": text("A1"), "description": text("Lampe"), "quantity": money("2"), "price": money("100"),
							"vat_rate": money("20"), "total": money("200"), "tax": money("40")},
						record.Fields{"no": money("2"), "product": text("A2"), "description": text("Pose"), "quantity": money("1"), "price": money("60"),
							"vat_rate": money("20"), "discount_rate": money("25"), "discount": money("5"), "total": money("40"), "tax": money("8")})}},
				{Entity: record.Document, Key: "FA1", Fields: record.Fields{"number": text("FA1"), "account": record.RefOf("CL1"), "date": day(2),
					"representative": record.RefOf("R1"), "total": money("30"), "validated": record.BoolOf(true)}},
				{Entity: record.Document, Key: "AV1", ExternalID: "SSM-131", Fields: record.Fields{"number": text("AV1"), "account": record.RefOf("CL1"), "date": day(3),
					"representative": record.RefOf("R1"), "total": money("-10.01"), "validated": record.BoolOf(false)}},
			} {
				if diff := cmp.Diff(want, r.read(want.Entity, want.Key)); diff != "" {
					t.Errorf("%s (-want +got):\n%s", want.Key, diff)
				}
			}
			if found, _, err := r.dossier.Read(t.Context(), record.Quote, []record.Key{"CO1", "FA1"}); err != nil || len(found) != 0 {
				t.Errorf("an order: got %v, %v", found, err)
			}
		})
	}
}

// A document with a bad line is held; one that can't be told takes its lines with it; the others are read.
func TestBadDocuments(t *testing.T) {
	r := newRig(t)
	r.export("pieces.txt", tabbed("X|Type de pièce|N° pièce|Date pièce|Code client|Validée|Code article|Quantité|PU HT",
		"L||||||A0|1|1",
		"E|Facture|FA1|01/11/2026|CL1|Oui|||", "L||||||A1|deux|10",
		"E|Facture|FA2|02/11/2026|CL1|Oui|||", "L||||||A|1|1|10",
		"E|Facture|FA3|03/11/2026|CL|1|Oui|||", "L||||||A1|1|10",
		"E|Facture||03/11/2026|CL1|Oui|||", "L||||||A1|1|10",
		"E|Facture|FA5|31/02/2026|CL1|Oui|||", "L||||||A1|1|10",
		"E|Facture|FA6|05/11/2026|CL1|Oui|||", "L||||||A1|1|10")...)
	if diff := cmp.Diff([]record.Key{"FA1", "FA2", "FA5", "FA6"}, r.looked(record.Document)); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
	for key, want := range map[record.Key]string{"FA1": sage50fr.CodeRowValue, "FA2": sage50fr.CodeRowColumns, "FA5": sage50fr.CodeRowValue, "FA6": ""} {
		if got := r.read(record.Document, key); got.Held != want {
			t.Errorf("%s: held %q %v, want %q", key, got.Held, got.HeldArgs, want)
		}
	}
	if got := r.read(record.Document, "FA6").Fields["total"]; !got.Equal(money("10")) {
		t.Errorf("total: got %v", got)
	}
	for code, line := range map[string]string{sage50fr.CodeLineStray: "2", sage50fr.CodeRowCode: "9", sage50fr.CodeRowColumns: "6"} {
		if n := r.notice(code); n == nil || n.Args["line"] != line {
			t.Errorf("%s: got %v, want line %s", code, n, line)
		}
	}
}

// Without the column that tells invoices from drafts, no invoice is told; quotes are.
func TestNoColumnOfValidation(t *testing.T) {
	r := newRig(t)
	r.export("pieces.txt", tabbed("Type de pièce|N° pièce|Date pièce|Code client", "Facture|FA1|01/11/2026|CL1", "Devis|DE1|01/11/2026|CL1")...)
	if got := r.looked(record.Quote); len(got) != 1 {
		t.Errorf("quotes: got %v", got)
	}
	r.code(r.notes.Skipped[record.Document], connectors.Drift, sage50fr.CodeColumnMissing)
}
