package outlooktest

import (
	"html"
	"regexp"
	"slices"
	"strings"
	"time"
)

// render writes an item as a caller sees it. The caller has the lock.
func (s *Server) render(mb *mailbox, it *item, q *request, o *options) Object {
	full := s.full(mb, it, q)
	out := Object{"@odata.etag": it.etag(), "id": mb.idOf(it, q.prefer.immutable)}
	if it.kind == ContactFolder {
		delete(out, "@odata.etag")
	}
	for name, v := range full {
		if name != "id" && o.chosen(name) {
			out[name] = v
		}
	}
	s.related(it, q, o, out)
	return out
}

// related shows what $expand asks for.
func (s *Server) related(it *item, q *request, o *options, out Object) {
	if shown := s.shownProps(it, o.props); len(shown) > 0 {
		out["singleValueExtendedProperties"] = shown
	}
	hiddenHere := it.kind == Task && s.switches.TodoExtension == TodoByGet && q.op != OpRead
	if len(o.extensions) > 0 && !hiddenHere {
		list := []any{}
		for _, ext := range it.exts {
			if o.extensions[0] == "" || slices.ContainsFunc(o.extensions, func(id string) bool { return strings.EqualFold(bareExtension(id), text(ext, "extensionName")) }) {
				list = append(list, shownExtension(it.kind, ext))
			}
		}
		if len(list) > 0 {
			out["extensions"] = list
		}
	}
	if o.linked {
		out["linkedResources"] = anyList(deepObjects(it.linked))
	}
}

// full gives all properties of an item.
func (s *Server) full(mb *mailbox, it *item, q *request) Object {
	out := Object{}
	for name, f := range schema[it.kind] {
		if f.read {
			continue
		}
		v, ok := it.fields[name]
		if !ok {
			v = deep(f.none)
		}
		if _, none := v.(absent); !none {
			out[name] = deep(v)
		}
	}
	switch it.kind {
	case Contact:
		out["changeKey"], out["parentFolderId"] = it.changeKey(), mb.idOf(mb.container(it.folder), false)
	case Event:
		s.fullEvent(mb, it, q, out)
	case Task:
		s.fullTask(it, q, out)
	default:
		s.fullContainer(mb, it, out)
		return out
	}
	out["createdDateTime"], out["lastModifiedDateTime"] = stampText(it.kind, it.created), stampText(it.kind, it.modified)
	return out
}

// container gives what holds an item; one that is gone is still known by its number.
func (mb *mailbox) container(seq int64) *item {
	if it := mb.items[seq]; it != nil {
		return it
	}
	return &item{kind: ContactFolder, seq: seq}
}

func (s *Server) fullContainer(mb *mailbox, it *item, out Object) {
	switch it.kind {
	case ContactFolder:
		out["parentFolderId"] = mb.idText("AQMkAD", ident{})
		if it.folder != 0 {
			out["parentFolderId"] = mb.idOf(mb.container(it.folder), false)
		}
	case Calendar:
		out["changeKey"], out["canEdit"], out["isDefaultCalendar"] = it.changeKey(), true, it.role != ""
		out["owner"] = Object{"name": mb.name, "address": mb.address}
	case TaskList:
		out["isOwner"], out["isShared"], out["wellknownListName"] = true, false, "none"
		if it.role != "" {
			out["wellknownListName"] = it.role
		}
	}
}

func (s *Server) fullEvent(mb *mailbox, it *item, q *request, out Object) {
	loc, zone := time.UTC, "UTC"
	if q.prefer.zone != "" {
		zone = q.prefer.zone
		loc, _ = zoneOf(zone)
	}
	if it.span.allDay {
		loc = time.UTC // its dates are the same everywhere
	}
	out["start"], out["end"] = wall(it.span.start, loc, zone), wall(it.span.end, loc, zone)
	out["originalStartTimeZone"], out["originalEndTimeZone"] = it.span.zone, it.span.zone
	out["changeKey"], out["type"], out["seriesMasterId"] = it.changeKey(), it.eventType(), nil
	out["iCalUId"] = text(it.fields, "iCalUId") + it.occurrence
	if it.occurrence != "" {
		out["seriesMasterId"] = mb.idOf(mb.items[it.seq].orItself(it), q.prefer.immutable)
		out["originalStart"] = it.occurrence + "T00:00:00Z"
		out["recurrence"] = nil
	}
	out["isOrganizer"], out["isCancelled"], out["hasAttachments"], out["isDraft"] = !it.invited, it.fields["isCancelled"] == true, false, false
	organizer, _ := it.fields["organizer"].(Object)
	if organizer == nil {
		organizer = Object{"emailAddress": Object{"name": mb.name, "address": mb.address}}
	}
	out["organizer"] = deep(organizer)
	response := text(it.fields, "response")
	setDefault(&response, "organizer")
	out["responseStatus"] = Object{"response": response, "time": "0001-01-01T00:00:00Z"}
	body := bodyAs(it.fields["body"], q.prefer.body, "html")
	out["body"], out["bodyPreview"] = body, preview(it.fields["body"])
	out["webLink"], out["onlineMeetingUrl"] = "https://outlook.office365.com/owa/?itemid="+mb.idOf(it, false)+"&exvsurl=1&path=/calendar/item", nil
}

// orItself gives the master of an occurrence, the occurrence's own number if the series is gone.
func (it *item) orItself(o *item) *item {
	if it != nil {
		return it
	}
	return &item{kind: Event, seq: o.seq, gen: o.gen}
}

func (it *item) eventType() string {
	switch {
	case it.occurrence != "" && it.exempt:
		return "exception"
	case it.occurrence != "":
		return "occurrence"
	case it.series():
		return "seriesMaster"
	}
	return "singleInstance"
}

func (s *Server) fullTask(it *item, q *request, out Object) {
	out["body"], out["hasAttachments"] = bodyAs(it.fields["body"], q.prefer.body, "text"), false
	out["bodyLastModifiedDateTime"] = stampText(it.kind, it.bodyAt)
}

var (
	hiddenTag = regexp.MustCompile(`(?is)<(head|style|script)\b.*?</(head|style|script)>`)
	lineTag   = regexp.MustCompile(`(?i)<br ?/?>|</p>|</div>`)
	anyTag    = regexp.MustCompile(`(?s)<[^>]*>`)
)

// bodyAs gives a body in the form that a caller prefers.
func bodyAs(v any, preferred, otherwise string) Object {
	o, _ := v.(Object)
	kind, content := text(o, "contentType"), text(o, "content")
	setDefault(&preferred, otherwise)
	setDefault(&kind, preferred)
	switch {
	case kind == preferred:
	case preferred == "text":
		content = plainText(content)
	default:
		content = htmlText(content)
	}
	return Object{"contentType": preferred, "content": content}
}

// plainText is what is left of HTML as text.
func plainText(s string) string {
	s = strings.ReplaceAll(strings.ReplaceAll(hiddenTag.ReplaceAllString(s, ""), "\r", ""), "\n", "")
	s = anyTag.ReplaceAllString(lineTag.ReplaceAllString(s, "\r\n"), "")
	return html.UnescapeString(s)
}

// htmlText wraps a text in a page, as the store does.
func htmlText(s string) string {
	lines := strings.ReplaceAll(html.EscapeString(strings.ReplaceAll(s, "\r\n", "\n")), "\n", "<br>\r\n")
	return "<html><head>\r\n<meta http-equiv=\"Content-Type\" content=\"text/html; charset=utf-8\"></head><body><div class=\"PlainText\">" + lines + "</div></body></html>\r\n"
}

func preview(v any) string {
	shown := text(bodyAs(v, "text", "text"), "content")
	if r := []rune(shown); len(r) > 255 {
		return string(r[:255])
	}
	return shown
}
