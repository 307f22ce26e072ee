package outlooktest

import (
	"regexp"
	"strconv"
	"strings"
)

// sensitivityTag is the private box of a contact, as an extended property.
const sensitivityTag = "Integer 0x36"

var (
	namedForm = regexp.MustCompile(`^(?i:(String|Integer|Boolean|Double|SystemTime)) \{([0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})\} (?i:(Name|Id)) (\S.*)$`)
	tagForm   = regexp.MustCompile(`^(?i:(String|Integer|Boolean|Double|SystemTime)) 0x([0-9A-Fa-f]{1,8})$`)
	typeWords = map[string]string{"string": "String", "integer": "Integer", "boolean": "Boolean", "double": "Double", "systemtime": "SystemTime"}
)

// plainProp gives the one form of an extended property's id. The case of a name counts, that of the rest does not.
func plainProp(id string) (string, *problem) {
	if m := namedForm.FindStringSubmatch(id); m != nil {
		how := "Name"
		if strings.EqualFold(m[3], "id") {
			how = "Id"
		}
		return typeWords[strings.ToLower(m[1])] + " {" + strings.ToLower(m[2]) + "} " + how + " " + m[4], nil
	}
	if m := tagForm.FindStringSubmatch(id); m != nil {
		n, _ := strconv.ParseUint(m[2], 16, 32)
		return typeWords[strings.ToLower(m[1])] + " 0x" + strconv.FormatUint(n, 16), nil
	}
	return "", refuse(400, "ErrorInvalidExtendedPropertyId", "The extended property id is not of a valid form.")
}

// setProps writes extended properties. A null value takes one away.
func (it *item) setProps(v any) *problem {
	list, ok := v.([]any)
	if !ok {
		return badProperty("singleValueExtendedProperties: want a list")
	}
	for _, o := range objects(list) {
		id, prob := plainProp(text(o, "id"))
		if prob != nil {
			return prob
		}
		switch value := o["value"].(type) {
		case string:
			if prob := fitsProp(id, value); prob != nil {
				return prob
			}
			it.props[id] = value
		case nil:
			delete(it.props, id)
		default:
			return badProperty("singleValueExtendedProperties.value: want a string")
		}
	}
	return nil
}

// fitsProp checks the text of a value against the type in its id.
func fitsProp(id, value string) *problem {
	var err error
	switch kind, _, _ := strings.Cut(id, " "); kind {
	case "Integer":
		_, err = strconv.ParseInt(value, 0, 32)
	case "Boolean":
		_, err = strconv.ParseBool(value)
	case "Double":
		_, err = strconv.ParseFloat(value, 64)
	}
	if err != nil {
		return badProperty("singleValueExtendedProperties.value: not of the type in its id")
	}
	return nil
}

// shownProps gives those of the wanted properties that an item shows.
func (s *Server) shownProps(it *item, wanted []string) []any {
	var out []any
	for _, id := range wanted {
		value, ok := it.props[id]
		if id == sensitivityTag && it.kind == Contact && s.switches.ContactPrivate == PrivateAbsent {
			ok = false
		}
		if ok {
			out = append(out, Object{"id": id, "value": value})
		}
	}
	return out
}
