package centrixonetest

import "fmt"

// problem is a refused call: an answer in plain text, as the CRM gives them.
type problem struct {
	status int
	text   string // what the caller reads
	reason string // X-Sim-Reason and journal; ids and field names only
}

func (p *problem) Error() string { return fmt.Sprintf("%d %s", p.status, p.text) }

// refuse makes a problem whose text tells the reason.
func refuse(status int, format string, args ...any) *problem {
	reason := fmt.Sprintf(format, args...)
	return &problem{status: status, text: reason, reason: reason}
}

// missing is the CRM's answer to a reference that leads nowhere: it tells nothing.
func missing(format string, args ...any) *problem {
	return &problem{status: 500, text: "Internal Server Error", reason: fmt.Sprintf(format, args...)}
}

// at puts the row's index in front of the reason.
func (p *problem) at(row int) *problem {
	q := *p
	q.reason = fmt.Sprintf("item %d: %s", row, p.reason)
	if q.status != 500 {
		q.text = q.reason
	}
	return &q
}
