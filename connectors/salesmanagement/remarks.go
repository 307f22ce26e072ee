package salesmanagement

import (
	"context"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// remarks are what the box writes below a quote, for people of a French product.
var remarks = map[string]string{Sent: "Envoyé à Sage", Imported: "Importé dans Sage", Priced: "Prix calculés dans Sage", Refused: "Refusé par Sage"}

// replaced begins the line that keeps what somebody changed while the ERP had the quote.
const replaced = "Remplacé par Sage"

// ownRemark is a line of the box; of a refusal it holds the reason, of a replacement what was there.
var ownRemark = regexp.MustCompile(`^(Envoyé à Sage|Importé dans Sage|Prix calculés dans Sage|Refusé par Sage|Remplacé par Sage) le [0-9]{2}/[0-9]{2}/[0-9]{4} [0-9]{2}:[0-9]{2}(?:[ \x{a0}\x{202f}]*: (.*))?$`)

// mostRemarks is how many lines of the box are kept. What people wrote stays.
const mostRemarks = 10

// remarkOn gives the line that a write brings along, empty for none. A refusal that stands there already is not written twice.
func (t *Tenant) remarkOn(op connectors.Op, body payload, now row) string {
	if _, told := op.Fields[FieldRemarks]; told {
		return ""
	}
	state := ""
	if body["statusId"] != nil {
		state = op.Fields[FieldStatus].Text
	}
	why := strings.Join(strings.Fields(op.Fields[FieldRefusal].Text), " ")
	switch {
	case why != "" && refusalIn(now.text(FieldRemarks)) == why:
		return ""
	case why != "":
		state = Refused
	case remarks[state] == "":
		return ""
	}
	return t.remarkLine(remarks[state], why)
}

// remarkLine is a line of the box, with what it is to say of it.
func (t *Tenant) remarkLine(what, about string) string {
	line := what + " le " + t.serverNow().In(t.cfg.Zone).Format("02/01/2006 15:04")
	if about != "" {
		line += "\u202f: " + about
	}
	return line
}

// keepReplaced notes which lines that are there make room for those that are wanted, before they do: a representative may have changed the
// quote while the ERP had it, where the application did not prevent that. What is the same but for its price is no change. The row that
// it gives shows the remark.
func (t *Tenant) keepReplaced(ctx context.Context, h *hand, now row, there []row, v record.Value) (row, error) {
	var lost []string
	for _, r := range there {
		code, err := t.codeOf(ctx, r.id("productId"))
		if err != nil {
			return now, err
		}
		line := lineFields(r, code)
		if !slices.ContainsFunc(v.Rows, func(want record.Fields) bool { return sameGoods(line, want) }) {
			what := strings.Join(strings.Fields(code+" "+line[LineDescription].Text), " ")
			lost = append(lost, what+" × "+line[LineQuantity].Text)
		}
	}
	if len(lost) == 0 {
		return now, nil
	}
	text := t.shape.cut("salesorders", FieldRemarks, remark(now.text(FieldRemarks), t.remarkLine(replaced, strings.Join(lost, "; "))))
	if err := h.put(ctx, payload{FieldRemarks: text}); err != nil {
		return now, err
	}
	raw, err := json.Marshal(text)
	if err != nil {
		return now, err
	}
	now = maps.Clone(now)
	now[strings.ToLower(FieldRemarks)] = raw
	return now, nil
}

// sameGoods says whether two lines are about as much of the same product.
func sameGoods(a, b record.Fields) bool {
	product := LineCode
	if b[LineCode].Empty() {
		product = LineProduct
	}
	return a[product].Text == b[product].Text && a[LineQuantity].Decimal().Equal(b[LineQuantity].Decimal())
}

// remark puts a line above those that are there.
func remark(before, line string) string {
	lines, own := []string{line}, 1
	for _, old := range remarkLines(before) {
		if ownRemark.MatchString(old) {
			if own++; own > mostRemarks {
				continue
			}
		}
		lines = append(lines, old)
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}

func remarkLines(text string) []string {
	return strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
}

// refusalIn gives the reason of the latest refusal that remarks tell.
func refusalIn(text string) string {
	for _, line := range remarkLines(text) {
		if m := ownRemark.FindStringSubmatch(line); m != nil && m[1] == remarks[Refused] {
			return strings.TrimSpace(m[2])
		}
	}
	return ""
}
