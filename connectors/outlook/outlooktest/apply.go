package outlooktest

import (
	"slices"
	"strings"
	"time"
	"unicode/utf16"
)

// longestSubject is in UTF-16 units.
const longestSubject = 255

// mostAttendees is of one event.
const mostAttendees = 500

// besides names what a body may hold besides the properties of an item.
func besides(k Kind, create bool) (names []string) {
	if k == Contact || k == Event || k == ContactFolder || k == Calendar {
		names = append(names, "singleValueExtendedProperties")
	}
	if create && (!k.container() || k == TaskList) {
		names = append(names, "extensions")
	}
	if create && k == Task {
		names = append(names, "linkedResources")
	}
	return names
}

// apply writes a body into an item that is not stored yet. The caller has the lock.
func (s *Server) apply(mb *mailbox, it *item, body Object, create bool) *problem {
	if prob := fits(it.kind, body, besides(it.kind, create)...); prob != nil {
		return prob
	}
	for name, v := range body {
		if _, own := schema[it.kind][name]; own && v == nil {
			delete(it.fields, name)
		} else if own {
			it.fields[name] = deep(v)
		}
	}
	if v, ok := body["singleValueExtendedProperties"]; ok {
		if prob := it.setProps(v); prob != nil {
			return prob
		}
	}
	if prob := s.applyRelated(mb, it, body); prob != nil {
		return prob
	}
	s.setLines(it, body)
	switch it.kind {
	case Contact:
		it.name(create)
	case Event:
		return s.applyEvent(it, body, create)
	case Task:
		return s.applyTask(it, body)
	case ContactFolder, TaskList:
		if text(it.fields, "displayName") == "" {
			return badProperty("displayName: wanted")
		}
	}
	return nil
}

func (s *Server) applyRelated(mb *mailbox, it *item, body Object) *problem {
	for _, o := range objects(body["extensions"]) {
		if prob := it.addExtension(o); prob != nil {
			return prob
		}
	}
	for _, o := range objects(body["linkedResources"]) {
		if _, prob := it.addLinked(mb, o); prob != nil {
			return prob
		}
	}
	return nil
}

// setLines stores a body of text as the store keeps it.
func (s *Server) setLines(it *item, body Object) {
	o, ok := body["body"].(Object)
	if !ok {
		return
	}
	kind, content := strings.ToLower(text(o, "contentType")), text(o, "content")
	setDefault(&kind, "text")
	if kind == "text" && s.switches.BodyLines == BodyCRLF {
		content = strings.ReplaceAll(strings.ReplaceAll(content, "\r\n", "\n"), "\n", "\r\n")
	}
	it.fields["body"] = Object{"contentType": kind, "content": content}
}

// name gives a new contact the names that nobody wrote.
func (it *item) name(create bool) {
	if !create {
		return
	}
	given, family := text(it.fields, "givenName"), text(it.fields, "surname")
	if text(it.fields, "displayName") == "" {
		it.fields["displayName"] = strings.TrimSpace(given + " " + family)
	}
	if text(it.fields, "fileAs") == "" {
		it.fields["fileAs"] = strings.Trim(family+", "+given, ", ")
	}
}

func tooLong(s string) bool { return len(utf16.Encode([]rune(s))) > longestSubject }

func (s *Server) applyEvent(it *item, body Object, create bool) *problem {
	_, series := body["recurrence"].(Object)
	_, again := body["transactionId"]
	switch {
	case tooLong(text(it.fields, "subject")):
		return refuse(400, "ErrorPropertyValidationFailure", "subject: at most %d characters", longestSubject)
	case len(objects(it.fields["attendees"])) > mostAttendees:
		return refuse(400, "ErrorTooManyAttendees", "attendees: at most %d", mostAttendees)
	case series && it.occurrence != "":
		return badProperty("recurrence: an occurrence has none")
	case again && !create:
		return badProperty("transactionId: can be set when an event is created only")
	}
	if touched(body, "start", "end", "isAllDay") {
		if prob := it.setSpan(); prob != nil {
			return prob
		}
	}
	if !create && it.occurrence == "" && touched(body, "start", "end", "isAllDay", "recurrence") {
		it.exceptions = nil
	}
	if o, ok := it.fields["recurrence"].(Object); ok {
		return it.checkSeries(o)
	}
	return nil
}

func touched(body Object, names ...string) bool {
	return slices.ContainsFunc(names, func(n string) bool { _, ok := body[n]; return ok })
}

// setSpan reads start, end and isAllDay.
func (it *item) setSpan() *problem {
	first, _ := it.fields["start"].(Object)
	last, _ := it.fields["end"].(Object)
	if first == nil || last == nil {
		return badProperty("start, end: both are wanted")
	}
	start, zone, prob := readWall(first)
	if prob != nil {
		return prob
	}
	end, _, prob := readWall(last)
	if prob != nil {
		return prob
	}
	it.span = span{start: start, end: end, zone: zone, allDay: it.fields["isAllDay"] == true}
	if it.span.allDay {
		return it.span.wholeDays()
	}
	if end.Before(start) {
		return refuse(400, "ErrorCalendarEndDateIsEarlierThanStartDate", "The end date is earlier than the start date.")
	}
	return nil
}

// wholeDays leaves the dates of both ends, which must be at midnight.
func (sp *span) wholeDays() *problem {
	for _, t := range []*time.Time{&sp.start, &sp.end} {
		if t.Hour() != 0 || t.Minute() != 0 || t.Second() != 0 {
			return refuse(400, "ErrorInvalidRequest", "The Event.Start and Event.End of an all-day event need to be set to midnight.")
		}
		*t = time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
	}
	if !sp.end.After(sp.start) {
		return refuse(400, "ErrorInvalidRequest", "The duration of an all-day event needs to be at least 24 hours.")
	}
	return nil
}

func (it *item) checkSeries(o Object) *problem {
	p, prob := readPattern(o)
	if prob != nil {
		return prob
	}
	loc, _ := zoneOf(it.span.zone)
	if it.span.allDay {
		loc = time.UTC
	}
	if it.span.start.In(loc).Format(dateForm) != p.start.Format(dateForm) {
		return badProperty("recurrence.range.startDate: want the date of start")
	}
	return nil
}

func (s *Server) applyTask(it *item, body Object) *problem {
	if tooLong(text(it.fields, "title")) {
		return refuse(400, "ErrorPropertyValidationFailure", "title: at most %d characters", longestSubject)
	}
	for _, name := range []string{"startDateTime", "dueDateTime", "completedDateTime", "reminderDateTime"} {
		o, ok := body[name].(Object)
		if !ok {
			continue
		}
		t, _, prob := readWall(o)
		if prob != nil {
			return prob
		}
		if s.switches.TaskTime == TaskTimeCut && name != "reminderDateTime" {
			t = time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
		}
		it.fields[name] = wall(t, time.UTC, "UTC")
	}
	if _, ok := body["body"]; ok {
		it.bodyAt = time.Time{}
	}
	switch done := it.fields["status"] == "completed"; {
	case !done:
		delete(it.fields, "completedDateTime")
	case it.fields["completedDateTime"] == nil:
		it.fields["completedDateTime"] = wall(s.clock.Now().Truncate(24*time.Hour), time.UTC, "UTC")
	}
	return nil
}
