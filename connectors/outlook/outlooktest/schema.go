package outlooktest

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"
)

// field is one property of a kind: what may be written, and what it shows when nobody has written it.
type field struct {
	ok   func(any) bool
	want string
	none any  // absent: left out of the answer
	read bool // read-only
}

// absent marks a property that is left out when it has no value.
type absent struct{}

func isString(v any) bool { _, ok := v.(string); return ok || v == nil }
func isBool(v any) bool   { _, ok := v.(bool); return ok }

func isInt(v any) bool {
	n, ok := v.(json.Number)
	_, err := n.Int64()
	return ok && err == nil
}

func isStrings(v any) bool {
	list, ok := v.([]any)
	return ok && !slices.ContainsFunc(list, func(v any) bool { _, ok := v.(string); return !ok })
}

// shaped takes an object with known members only, and null where that clears the property.
func shaped(nullable bool, members map[string]func(any) bool) func(any) bool {
	return func(v any) bool {
		o, ok := v.(Object)
		if !ok {
			return nullable && v == nil
		}
		for name, value := range o {
			check := members[name]
			if !strings.HasPrefix(name, "@odata.") && (check == nil || !check(value)) {
				return false
			}
		}
		return true
	}
}

// listOf takes a list of what check takes.
func listOf(check func(any) bool) func(any) bool {
	return func(v any) bool {
		list, ok := v.([]any)
		return ok && !slices.ContainsFunc(list, func(v any) bool { return !check(v) })
	}
}

func oneOf(words ...string) func(any) bool {
	return func(v any) bool { s, ok := v.(string); return ok && slices.Contains(words, s) }
}

func isMoment(v any) bool {
	s, ok := v.(string)
	_, err := time.Parse(time.RFC3339, s)
	return v == nil || ok && err == nil
}

var (
	mailAddress = shaped(false, map[string]func(any) bool{"name": isString, "address": isString})
	address     = shaped(true, map[string]func(any) bool{"street": isString, "city": isString, "state": isString, "countryOrRegion": isString, "postalCode": isString})
	wallTime    = shaped(true, map[string]func(any) bool{"dateTime": isString, "timeZone": isString})
	itemBody    = shaped(true, map[string]func(any) bool{"contentType": oneOf("text", "html", "Text", "HTML"), "content": isString})
	recurrence  = shaped(true, map[string]func(any) bool{"pattern": isObject, "range": isObject})
	attendee    = shaped(false, map[string]func(any) bool{"emailAddress": mailAddress, "type": oneOf("required", "optional", "resource"), "status": isObject})
)

func isObject(v any) bool { _, ok := v.(Object); return ok }

var (
	textField    = field{ok: isString, want: "Edm.String"}
	textsField   = field{ok: isStrings, want: "Collection(Edm.String)", none: []any{}}
	addressField = field{ok: address, want: "microsoft.graph.physicalAddress", none: Object{}}
	momentField  = field{ok: isMoment, want: "Edm.DateTimeOffset"}
	dateField    = field{ok: wallTime, want: "microsoft.graph.dateTimeTimeZone", none: absent{}}
	readField    = field{read: true, none: absent{}}
)

func enumField(first string, more ...string) field {
	return field{ok: oneOf(append(more, first)...), want: "one of its values", none: first}
}

func boolField(none bool) field { return field{ok: isBool, want: "Edm.Boolean", none: none} }

// all gives each name the same field.
func all(f field, names ...string) map[string]field {
	out := map[string]field{}
	for _, n := range names {
		out[n] = f
	}
	return out
}

func union(parts ...map[string]field) map[string]field {
	out := map[string]field{}
	for _, p := range parts {
		maps.Copy(out, p)
	}
	return out
}

var stamps = all(readField, "id", "createdDateTime", "lastModifiedDateTime")

// schema holds the properties of each kind, from the pages of resources/.
var schema = map[Kind]map[string]field{
	Contact: union(stamps, all(readField, "changeKey", "parentFolderId"),
		all(textField, "assistantName", "businessHomePage", "companyName", "department", "displayName", "fileAs", "generation", "givenName", "initials",
			"jobTitle", "manager", "middleName", "mobilePhone", "nickName", "officeLocation", "personalNotes", "profession", "spouseName", "surname",
			"title", "yomiCompanyName", "yomiGivenName", "yomiSurname"),
		all(textsField, "businessPhones", "homePhones", "imAddresses", "categories", "children"),
		all(addressField, "businessAddress", "homeAddress", "otherAddress"), all(momentField, "birthday"),
		all(field{ok: listOf(mailAddress), want: "Collection(microsoft.graph.emailAddress)", none: []any{}}, "emailAddresses")),
	Event: union(stamps, all(readField, "changeKey", "iCalUId", "type", "seriesMasterId", "isCancelled", "isOrganizer", "organizer", "responseStatus",
		"bodyPreview", "hasAttachments", "webLink", "originalStart", "originalStartTimeZone", "originalEndTimeZone", "onlineMeetingUrl", "isDraft"),
		all(field{ok: isString, want: "Edm.String", none: ""}, "subject"), all(textField, "transactionId", "onlineMeetingProvider"),
		all(field{ok: wallTime, want: "microsoft.graph.dateTimeTimeZone", none: absent{}}, "start", "end"),
		all(field{ok: itemBody, want: "microsoft.graph.itemBody", none: absent{}}, "body"), all(textsField, "categories"),
		all(field{ok: listOf(attendee), want: "Collection(microsoft.graph.attendee)", none: []any{}}, "attendees"),
		all(boolField(false), "isAllDay", "isOnlineMeeting", "hideAttendees"), all(boolField(true), "isReminderOn", "responseRequested", "allowNewTimeProposals"),
		all(field{ok: isInt, want: "Edm.Int32", none: json.Number("15")}, "reminderMinutesBeforeStart"),
		all(enumField("normal", "personal", "private", "confidential"), "sensitivity"), all(enumField("normal", "low", "high"), "importance"),
		all(enumField("busy", "free", "tentative", "oof", "workingElsewhere", "unknown"), "showAs"),
		all(field{ok: isObject, want: "microsoft.graph.location", none: Object{"displayName": ""}}, "location"),
		all(field{ok: listOf(isObject), want: "Collection(microsoft.graph.location)", none: []any{}}, "locations"),
		all(field{ok: recurrence, want: "microsoft.graph.patternedRecurrence"}, "recurrence")),
	Task: union(stamps, all(readField, "bodyLastModifiedDateTime", "hasAttachments"), all(field{ok: isString, want: "Edm.String", none: ""}, "title"),
		all(field{ok: itemBody, want: "microsoft.graph.itemBody", none: absent{}}, "body"), all(textsField, "categories"),
		all(enumField("notStarted", "inProgress", "completed", "waitingOnOthers", "deferred"), "status"), all(enumField("normal", "low", "high"), "importance"),
		all(boolField(false), "isReminderOn"), all(dateField, "startDateTime", "dueDateTime", "completedDateTime", "reminderDateTime"),
		all(field{ok: recurrence, want: "microsoft.graph.patternedRecurrence", none: absent{}}, "recurrence")),
	ContactFolder: union(all(readField, "id", "parentFolderId"), all(textField, "displayName")),
	Calendar:      union(all(readField, "id", "changeKey", "owner", "isDefaultCalendar", "canEdit"), all(textField, "name", "color")),
	TaskList:      union(all(readField, "id", "isOwner", "isShared", "wellknownListName"), all(textField, "displayName")),
	linkedKind:    union(all(readField, "id"), all(textField, "applicationName", "displayName", "externalId", "webUrl")),
}

// fits checks a body against the properties of a kind. beside are those that are no properties of the item itself.
func fits(k Kind, body Object, beside ...string) *problem {
	for _, name := range slices.Sorted(maps.Keys(body)) {
		f, known := schema[k][name]
		switch {
		case strings.HasPrefix(name, "@odata.") || slices.Contains(beside, name):
		case !known:
			return refuse(400, "RequestBodyRead", "The property '%s' does not exist on type 'microsoft.graph.%s'. Make sure to only use property names that are defined by the type.", name, k)
		case f.read:
			return badProperty("The property '%s' is read-only and cannot be set.", name)
		case !f.ok(body[name]):
			return refuse(400, "RequestBodyRead", "Cannot convert the value of '%s' to the expected type '%s'.", name, f.want)
		}
	}
	return nil
}
