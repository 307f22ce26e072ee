package salesmanagement

import (
	"regexp"
	"strings"

	"syncbox/connectors"
)

// remarks are what the box writes below a quote, for people of a French product.
var remarks = map[string]string{Sent: "Envoyé à Sage", Imported: "Importé dans Sage", Priced: "Prix calculés dans Sage", Refused: "Refusé par Sage"}

// ownRemark is a line of the box; of a refusal it holds the reason.
var ownRemark = regexp.MustCompile(`^(Envoyé à Sage|Importé dans Sage|Prix calculés dans Sage|Refusé par Sage) le [0-9]{2}/[0-9]{2}/[0-9]{4} [0-9]{2}:[0-9]{2}(?:[ \x{a0}\x{202f}]*: (.*))?$`)

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
	line := remarks[state] + " le " + t.serverNow().In(t.cfg.Zone).Format("02/01/2006 15:04")
	if why != "" {
		line += "\u202f: " + why
	}
	return line
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
