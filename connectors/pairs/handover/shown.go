package handover

import (
	"maps"

	"syncbox/connectors/record"
	"syncbox/connectors/sage50fr"
)

// show gives a quote as the sync is to see it, nil where nothing is known of it.
func show(k *sage50fr.Tracking, reference string) (*record.Record, error) {
	t, err := k.Of(reference)
	if err != nil {
		return nil, err
	}
	r := &record.Record{Entity: record.Quote, Key: record.Key(reference), ExternalID: reference}
	switch {
	case t.Quote != nil:
		r.Fields, r.Held, r.HeldArgs = priced(t.Quote.Fields), t.Quote.Held, t.Quote.HeldArgs
	case t.Invoice != nil:
		r.Fields = record.Fields{FieldState: record.TextOf(Invoiced)}
		pick(r.Fields, t.Invoice.Fields, "number", "account", "date")
	case t.Handed != nil:
		r.Fields = handed(t.Handed)
	default:
		return nil, nil
	}
	r.Fields[sage50fr.FieldReference] = record.TextOf(reference)
	return r, nil
}

func pick(to, from record.Fields, names ...string) {
	for _, name := range names {
		if v, there := from[name]; there {
			to[name] = v
		}
	}
}

// priced are the fields of a document as an export shows it.
func priced(document record.Fields) record.Fields {
	fields := maps.Clone(document)
	fields[FieldState] = record.TextOf(Priced)
	total, taxed := fields["total"], fields["total_tax"]
	if !total.Empty() && !taxed.Empty() {
		fields[FieldTotalWithTax] = record.NumberOf(total.Decimal().Add(taxed.Decimal()))
	}
	if v, told := fields["lines"]; told {
		fields["lines"] = billed(v)
	}
	return fields
}

// billed leaves out lines that are text alone: the other side's lines are about products.
func billed(v record.Value) record.Value {
	var rows []record.Fields
	for _, row := range v.Rows {
		if !row["product"].Empty() || !row["total"].Decimal().IsZero() {
			rows = append(rows, row)
		}
	}
	return record.RowsOf(rows...)
}

// states are those of what no export shows yet.
var states = map[sage50fr.State]string{sage50fr.StateWaiting: Sent, sage50fr.StateHanded: Sent, sage50fr.StateTaken: Imported,
	sage50fr.StateUnproven: Imported, sage50fr.StateRefused: Refused}

// handed are the fields of a quote that no export shows yet.
func handed(o *sage50fr.HandedOver) record.Fields {
	state := states[o.State]
	fields := record.Fields{FieldState: record.TextOf(state)}
	pick(fields, o.Wanted, "account", "representative")
	switch state {
	case Refused:
		fields[FieldReason] = record.TextOf(reason(o))
	case Sent:
		fields[FieldAsked] = o.Wanted["lines"]
	}
	return fields
}

// longestReason is how many characters of what people wrote are shown.
const longestReason = 300

// reason says why a quote was refused, for French people. The file's name tells one refusal from the next.
func reason(o *sage50fr.HandedOver) string {
	text := []rune(o.Reason)
	if len(text) == 0 {
		text = []rune("sans raison écrite")
	}
	if len(text) > longestReason {
		text = append(text[:longestReason], '…')
	}
	return string(text) + " (" + o.File + ")"
}
