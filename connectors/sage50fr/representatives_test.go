package sage50fr_test

import (
	"errors"
	"strings"
	"testing"

	"syncbox/connectors/record"
	"syncbox/connectors/sage50fr"
)

// The documents' column of the representative has the full name that the site's table gives for a code, and the code where it gives none.
// What an export shows by that name is the code again.
//
// Requirement: S50-37
func TestRepresentativesOfDocuments(t *testing.T) {
	for code, want := range map[string]string{"R1": "Zoé Dupré", "R2": "R2"} {
		r := written(t, func(c *sage50fr.Config) { c.Representatives = map[string]string{"R1": "Zoé Dupré", "R9": "Ada Min"} })
		r.publish(wish(record.Quote, "", "131", record.Fields{"account": record.RefOf("CL1"), "representative": record.RefOf(record.Key(code)),
			"lines": record.RowsOf(record.Fields{"product": text("A1"), "quantity": money("1")})}))
		if head := strings.Split(r.file("devis-1.TXT"), "\r\n")[1]; !strings.Contains(head, "\tSSM-131\t"+want+"\tCL1\t") {
			t.Errorf("%s: the file says %q", code, head)
		}
		r.becomes("devis-1.TXT", "devis-1.BAK")
		r.export("pieces.txt", tabbed("Type|Type de pièce|N° pièce|Date pièce|Code client|Référence pièce|Code représentant pièce|Code article|Quantité",
			"E|Devis|DE1|01/11/2026|CL1|SSM-131|"+strings.ToUpper(want)+"||", "L|||||||A1|1")...)
		r.check(r.look())
		found, _, err := r.dossier.Read(t.Context(), record.Quote, []record.Key{"DE1"})
		if err != nil || len(found) != 1 || found[0].Fields["representative"].Key() != record.Key(code) {
			t.Errorf("%s: read %+v, %v", code, found, err)
		}
	}
}

// A table in which a name means two codes, or none, is refused.
func TestRepresentativesThatCannotBe(t *testing.T) {
	for _, table := range []map[string]string{{"R1": "Zoé", "R2": " zoé "}, {"R1": " "}, {" ": "Zoé"}, {"R1": strings.Repeat("é", 31)}} {
		c := sage50fr.Config{Dossier: "D", Dir: t.TempDir(), Representatives: table}
		if err := c.Validate(); !errors.Is(err, sage50fr.ErrConfig) {
			t.Errorf("%v: %v", table, err)
		}
	}
}
