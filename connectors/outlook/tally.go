package outlook

import (
	"strconv"

	"syncbox/connectors/record"
)

// category is how an appointment of the calendar is told of in the journal (X3-11).
type category string

// The categories are also the placeholders of the journal's sentence.
const (
	plainVisit   category = "plain"     // without participants
	ownMeeting   category = "organiser" // the user is the organiser
	guestMeeting category = "invited"   // the user is invited
	privateVisit category = "private"
	outsideVisit category = "outside" // of the window
	occurrence   category = "occurrence"
)

var categories = []category{plainVisit, ownMeeting, guestMeeting, privateVisit, outsideVisit, occurrence}

// CodeAppointments is the event that counts appointments by category.
const CodeAppointments = "outlook-appointments"

// RemarkCodes lists the codes of events that a mailbox tells of.
func RemarkCodes() []string { return []string{CodeAppointments} }

// sort notes the category of an appointment that was read; one that is cancelled, or stands for a series, is none.
func (m *Mailbox) sort(i *item) {
	v := i.event
	if v == nil || v.Cancelled || v.Type == masterType {
		delete(m.sorted, i.key)
		return
	}
	c := plainVisit
	switch {
	case i.private:
		c = privateVisit
	case len(v.Attendees) > 0 && !v.Organizer:
		c = guestMeeting
	case !m.inWindow(&entry{Begins: unix(i.begins)}):
		c = outsideVisit
	case v.Master != "":
		c = occurrence
	case len(v.Attendees) > 0:
		c = ownMeeting
	}
	m.sorted[i.key] = c
}

// Tally counts the appointments that were read since the last one by category.
func (m *Mailbox) Tally(e record.Entity) []record.Remark {
	if e != record.Appointment || len(m.sorted) == 0 {
		return nil
	}
	n := map[category]int{}
	for _, c := range m.sorted {
		n[c]++
	}
	args := map[string]string{}
	for _, c := range categories {
		args[string(c)] = strconv.Itoa(n[c])
	}
	clear(m.sorted)
	return []record.Remark{{Code: CodeAppointments, Args: args}}
}

// manyItems is from how many items of a mailbox on its user is advised to archive some, or to have the calendar's window narrowed:
// a first sync, and each complete round, take as long as there are items.
const manyItems = 5000

// Remarks tells that a mailbox has many items, as the latest look found it.
func (m *Mailbox) Remarks() []record.Remark {
	n := 0
	for _, e := range m.memory.items {
		if e.Gone == 0 && m.has(e.Entity) {
			n++
		}
	}
	if n <= manyItems {
		return nil
	}
	return []record.Remark{{Code: CodeManyItems, Args: map[string]string{"count": strconv.Itoa(n)}}}
}
