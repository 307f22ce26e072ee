package outlooktest

import (
	"crypto/sha512"
	"encoding/base64"
	"fmt"
	"strconv"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// idText makes an id of what it names. Ids are as long as the product's, and case counts in them.
func (mb *mailbox) idText(prefix string, n ident) string {
	sum := sha512.Sum512(fmt.Appendf(nil, "%s/%d/%s/%d/%d/%s", mb.id, mb.seed, prefix, n.seq, n.gen, n.occurrence))
	return prefix + base64.URLEncoding.EncodeToString(append(sum[:], 0, 0)) + "AAA="
}

// idOf gives the id of an item; immutable asks for an id that outlives a move, where there are such.
func (mb *mailbox) idOf(it *item, immutable bool) string {
	n := ident{seq: it.seq, occurrence: it.occurrence}
	switch {
	case it.kind.container():
		return mb.name64(n, "AQMkAD")
	case immutable && it.kind.immutable():
		n.immutable = true
		return mb.name64(n, "AAkALgAA")
	}
	n.gen = it.gen
	return mb.name64(n, "AAMkAD")
}

// name64 makes an id and remembers what it names.
func (mb *mailbox) name64(n ident, prefix string) string {
	id := mb.idText(prefix, n)
	mb.ids[id] = n
	return id
}

// register makes the ids of an item known, so that it is found by them whether or not they were told.
func (mb *mailbox) register(it *item) {
	mb.idOf(it, false)
	mb.idOf(it, true)
}

// find gives the item of a kind that an id names. An immutable id is understood only where the call asks for such ids.
func (mb *mailbox) find(k Kind, id string, immutable bool) (*item, *problem) {
	n, known := mb.ids[id]
	if !known {
		return nil, mb.unknown(id)
	}
	if n.immutable && !immutable {
		return nil, refuse(400, "ErrorInvalidIdMalformed", "Id is malformed.")
	}
	it := mb.items[n.seq]
	if it == nil || it.kind != k || !n.immutable && !k.container() && n.gen != it.gen {
		return nil, notFound()
	}
	if n.occurrence == "" {
		return it, nil
	}
	o := it.occurrenceOn(n.occurrence)
	if o == nil {
		return nil, notFound()
	}
	return o, nil
}

func (mb *mailbox) unknown(id string) *problem {
	if len(id) < 8 {
		return refuse(400, "ErrorInvalidIdMalformed", "Id is malformed.")
	}
	return notFound()
}

// changeKey is the version of an item as the product writes it.
func (it *item) changeKey() string {
	sum := sha512.Sum512(fmt.Appendf(nil, "%d/%d/%s", it.seq, it.version, it.occurrence))
	return "EQAAABYAAAC" + base64.URLEncoding.EncodeToString(sum[:12])
}

func (it *item) etag() string { return `W/"` + it.changeKey() + `"` }
