package outlooktest

import (
	"maps"
	"time"
)

// Kind is a kind of thing in a mailbox.
type Kind string

// The kinds.
const (
	Contact       Kind = "contact"
	Event         Kind = "event"
	Task          Kind = "todoTask"
	ContactFolder Kind = "contactFolder"
	Calendar      Kind = "calendar"
	TaskList      Kind = "todoTaskList"

	extensionKind Kind = "extension"
	linkedKind    Kind = "linkedResource"
)

// holder gives the kind of what holds things of a kind, "" for what lies at the top.
func (k Kind) holder() Kind {
	switch k {
	case Contact, ContactFolder:
		return ContactFolder
	case Event:
		return Calendar
	case Task:
		return TaskList
	}
	return ""
}

func (k Kind) container() bool { return k == ContactFolder || k == Calendar || k == TaskList }

// immutable says whether things of a kind have immutable ids besides their default ones.
func (k Kind) immutable() bool { return k == Contact || k == Event }

// item is one thing of a mailbox as it was at one moment. Once stored it is never changed: a change stores a clone.
type item struct {
	kind     Kind
	seq      int64 // what it is, whatever its ids are
	gen      int   // how often it was moved
	folder   int64 // seq of what holds it, 0 at the top
	fields   Object
	props    map[string]string // extended properties by their plain id
	exts     []Object          // open extensions
	linked   []Object          // linked resources of a task
	version  int64             // of changeKey and etag
	created  time.Time
	modified time.Time
	bodyAt   time.Time // of a task's body
	hidden   bool      // the private box of a task, which Graph does not show
	role     string    // of a container: what it is by its nature
	invited  bool      // an event that somebody else organises

	// Events alone.
	span span
	// exceptions are the occurrences of a series that differ from it, by the date on which they would be.
	exceptions map[string]exception
	main       int64  // the version in which the series itself was last written
	occurrence string // of an occurrence: the date on which it would be by the series' pattern
	exempt     bool   // of an occurrence: it is an exception
}

// span is when an event is. An all-day event has dates only: both ends are midnight UTC.
type span struct {
	start, end time.Time
	zone       string // as it was written
	allDay     bool
}

// exception is an occurrence that was changed, or nil for one that was cancelled.
type exception struct{ it *item }

func (it *item) clone() *item {
	c := *it
	c.fields, c.props = deepObject(it.fields), maps.Clone(it.props)
	c.exts, c.linked = deepObjects(it.exts), deepObjects(it.linked)
	c.exceptions = maps.Clone(it.exceptions)
	if c.props == nil {
		c.props = map[string]string{}
	}
	return &c
}

func (it *item) series() bool { return it.fields["recurrence"] != nil && it.occurrence == "" }

func (it *item) attended() bool { return len(objects(it.fields["attendees"])) > 0 }
