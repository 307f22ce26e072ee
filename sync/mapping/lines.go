package mapping

import (
	"strings"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// timeLens maps instants. Products that keep hours and minutes alone would make an edit of every second that they lack.
type timeLens struct{}

func (timeLens) get(_ connectors.Side, v record.Value, _ *lookup) record.Value { return v }

func (timeLens) put(_ connectors.Side, v record.Value, _ *lookup) (record.Value, string) {
	return v, ""
}

func (timeLens) canon(v record.Value) record.Value {
	return record.TimeOf(v.Time().Truncate(time.Minute))
}

// linesLens maps texts of several lines, as textLens does those of one.
type linesLens struct{ textLens }

func (l linesLens) describe(_ *connectors.FieldRule, erp, crm connectors.Field) (lens, error) {
	return linesLens{textLens{erp: erp, crm: crm}}, nil
}

// endings makes every end of a line a line feed.
var endings = strings.NewReplacer("\r\n", "\n", "\r", "\n")

func (l linesLens) canon(v record.Value) record.Value {
	s := endings.Replace(record.TextOf(v.Text).Text)
	if l.erp.Hold != nil {
		s, _ = l.erp.Hold(s)
	}
	if l.erp.MaxLen > 0 {
		s = cut(s, l.erp.MaxLen)
	}
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " \t\u00a0")
	}
	return record.TextOf(strings.Join(lines, "\n"))
}
