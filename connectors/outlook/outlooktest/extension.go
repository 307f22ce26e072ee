package outlooktest

import (
	"slices"
	"strings"
)

// The fully qualified names of open extensions begin so, by what they are of.
const (
	graphPrefix   = "microsoft.graph.openTypeExtension."
	outlookPrefix = "Microsoft.OutlookServices.OpenTypeExtension."
)

// bareExtension gives the name of an extension from either form.
func bareExtension(id string) string {
	for _, prefix := range []string{graphPrefix, outlookPrefix} {
		if len(id) > len(prefix) && strings.EqualFold(id[:len(prefix)], prefix) {
			return id[len(prefix):]
		}
	}
	return id
}

func (it *item) extension(id string) int {
	return slices.IndexFunc(it.exts, func(o Object) bool { return strings.EqualFold(text(o, "extensionName"), bareExtension(id)) })
}

// addExtension takes a new extension. Its values are strings, numbers, booleans or lists of them.
func (it *item) addExtension(in Object) *problem {
	name, prob := namedExtension(in)
	if prob != nil {
		return prob
	}
	if it.extension(name) >= 0 {
		return refuse(409, "nameAlreadyExists", "An extension already exists with given id.")
	}
	out := Object{"extensionName": name}
	if prob := setMembers(out, in); prob != nil {
		return prob
	}
	it.exts = append(it.exts, out)
	return nil
}

// namedExtension reads what each body of an extension must have.
func namedExtension(in Object) (name string, prob *problem) {
	kind := strings.TrimPrefix(text(in, "@odata.type"), "#")
	name = text(in, "extensionName")
	switch {
	case !strings.EqualFold(kind, "microsoft.graph.openTypeExtension"):
		return "", badRequest("extensions: @odata.type: want microsoft.graph.openTypeExtension")
	case name == "":
		return "", badRequest("extensions: extensionName: wanted")
	}
	return name, nil
}

// replaceExtension writes all values of an extension anew: what the body does not have is gone.
func (it *item) replaceExtension(at int, in Object) *problem {
	name, prob := namedExtension(in)
	if prob != nil {
		return prob
	}
	if it.extension(name) != at {
		return badRequest("extensions: extensionName: cannot be changed")
	}
	out := Object{"extensionName": text(it.exts[at], "extensionName")}
	if prob := setMembers(out, in); prob != nil {
		return prob
	}
	it.exts[at] = out
	return nil
}

// setMembers writes the values of an extension. A null takes one away.
func setMembers(out, in Object) *problem {
	for name, v := range in {
		switch {
		case strings.HasPrefix(name, "@odata.") || name == "extensionName" || name == "id":
		case v == nil:
			delete(out, name)
		case !primitive(v):
			return badRequest("extensions: %s: want a primitive value or a list of them", name)
		default:
			out[name] = deep(v)
		}
	}
	return nil
}

func primitive(v any) bool {
	switch v := v.(type) {
	case Object:
		return false
	case []any:
		return !slices.ContainsFunc(v, func(v any) bool {
			switch v.(type) {
			case Object, []any, nil:
				return true
			}
			return false
		})
	}
	return true
}

// shownExtension writes one as the product does for a kind of item.
func shownExtension(k Kind, o Object) Object {
	out := deepObject(o)
	out["@odata.type"] = "#microsoft.graph.openTypeExtension"
	prefix := graphPrefix
	if k == Contact || k == Event {
		prefix = outlookPrefix
	}
	out["id"] = prefix + text(o, "extensionName")
	return out
}

// addLinked takes a new linked resource and gives it an id.
func (it *item) addLinked(mb *mailbox, in Object) (Object, *problem) {
	if prob := fits(linkedKind, in); prob != nil {
		return nil, prob
	}
	o := Object{}
	for name, v := range in {
		if _, own := schema[linkedKind][name]; own {
			o[name] = v
		}
	}
	mb.version++
	o["id"] = requestID(mb.version)
	it.linked = append(it.linked, o)
	return o, nil
}

func (it *item) link(id string) int {
	return slices.IndexFunc(it.linked, func(o Object) bool { return text(o, "id") == id })
}
