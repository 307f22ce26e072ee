package quickbooks

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// The names of the entities that are read, as the product spells them.
const (
	customerEntity = "Customer"
	estimateEntity = "Estimate"
	invoiceEntity  = "Invoice"
	creditEntity   = "CreditMemo"
	itemEntity     = "Item"
)

// id is an Id or a SyncToken. The product sends strings; a number counts as its digits.
type id string

// UnmarshalJSON takes a string or a number, and null as nothing.
func (i *id) UnmarshalJSON(b []byte) error {
	var t text
	if err := t.UnmarshalJSON(b); err != nil {
		return err
	}
	*i = id(t)
	return nil
}

// number gives an Id of digits as a number, which is how notes keep it; false for any other.
func (i id) number() (uint64, bool) {
	n, err := strconv.ParseUint(string(i), 10, 61)
	return n, err == nil && n > 0 && strconv.FormatUint(n, 10) == string(i)
}

// text is a string member. Numbers and booleans count as they are written; null is empty.
type text string

// UnmarshalJSON takes any scalar.
func (t *text) UnmarshalJSON(b []byte) error {
	switch {
	case bytes.Equal(b, []byte("null")):
		return nil
	case len(b) > 0 && b[0] == '"':
		return json.Unmarshal(b, (*string)(t))
	case len(b) > 0 && b[0] != '{' && b[0] != '[':
		*t = text(b)
		return nil
	}
	return errors.New("not a text")
}

// amount is a number member, exact; it knows whether it was there.
type amount struct {
	set   bool
	value decimal.Decimal
}

// UnmarshalJSON takes a JSON number, or one in a string; null and "" are nothing there.
func (a *amount) UnmarshalJSON(b []byte) error {
	s := strings.Trim(string(b), `"`)
	if s == "null" || s == "" {
		return nil
	}
	if len(s) > 40 || strings.ContainsAny(s, "eE") && !smallExponent(s) {
		return fmt.Errorf("a number of %d characters", len(s))
	}
	d, err := decimal.NewFromString(s)
	if err != nil {
		return errors.New("not a number")
	}
	a.set, a.value = true, d
	return nil
}

// smallExponent keeps a few bytes from standing for a number of any length.
func smallExponent(s string) bool {
	_, exponent, _ := strings.Cut(strings.ToLower(s), "e")
	n, err := strconv.Atoi(exponent)
	return err == nil && n >= -20 && n <= 20
}

// flag is a boolean member that knows whether it was there.
type flag struct{ set, value bool }

// UnmarshalJSON takes true and false, also in quotes.
func (f *flag) UnmarshalJSON(b []byte) error {
	switch strings.Trim(string(b), `"`) {
	case "null", "":
	case "true":
		f.set, f.value = true, true
	case "false":
		f.set = true
	default:
		return errors.New("neither true nor false")
	}
	return nil
}

// ref is a ReferenceType.
type ref struct {
	Value id   `json:"value"`
	Name  text `json:"name"`
}

type meta struct {
	CreateTime      text
	LastUpdatedTime text
}

// head is what all entities share.
type head struct {
	ID        id `json:"Id"`
	SyncToken id
	MetaData  meta
	Status    text `json:"status"`
}

// deleted says whether the row is a tombstone.
func (h *head) deleted() bool { return strings.EqualFold(string(h.Status), "Deleted") }

type phone struct{ FreeFormNumber text }

type address struct {
	Line1, Line2, Line3, Line4, Line5                 text
	City, CountrySubDivisionCode, PostalCode, Country text
}

type customer struct {
	head
	Active                                           flag
	DisplayName, CompanyName                         text
	Title, GivenName, MiddleName, FamilyName, Suffix text
	ParentRef                                        ref
	PrimaryPhone, AlternatePhone, Mobile, Fax        phone
	PrimaryEmailAddr                                 struct{ Address text }
	WebAddr                                          struct{ URI text }
	BillAddr                                         address
}

// active says whether the customer is in use; one that does not tell is.
func (c *customer) active() bool { return !c.Active.set || c.Active.value }

type item struct {
	head
	Active                 flag
	Name, Sku, Description text
	Type                   text
	ParentRef              ref
}

type linkedTxn struct {
	TxnID   id `json:"TxnId"`
	TxnType text
}

type transaction struct {
	head
	DocNumber, TxnDate, TxnStatus text
	CustomerRef, CurrencyRef      ref
	PrivateNote                   text
	Line                          []line
	TxnTaxDetail                  struct{ TotalTax amount }
	TotalAmt                      amount
	LinkedTxn                     []linkedTxn
}

// The values of line.DetailType that mean something here; others are unknown and tolerated.
const (
	salesLine       = "SalesItemLineDetail"
	groupLine       = "GroupLineDetail"
	discountLine    = "DiscountLineDetail"
	subTotalLine    = "SubTotalLineDetail"
	descriptionLine = "DescriptionOnly"
	shippingItem    = "SHIPPING_ITEM_ID"
)

type line struct {
	Description text
	Amount      amount
	DetailType  text
	Sales       struct {
		ItemRef                   ref
		Qty, UnitPrice            amount
		DiscountRate, DiscountAmt amount
	} `json:"SalesItemLineDetail"`
	Group struct {
		GroupItemRef ref
		Line         []line
	} `json:"GroupLineDetail"`
}

// parseTime reads a time as the product writes it. One without an offset is taken as early as it can be
// meant, since a look that begins too early only costs.
func parseTime(s text) (time.Time, bool) {
	if t, err := time.Parse(time.RFC3339, string(s)); err == nil {
		return t, true
	}
	t, err := time.Parse("2006-01-02T15:04:05", string(s))
	return t.Add(-14 * time.Hour), err == nil
}

// body walks through an answer of query or cdc and gives each row, without holding more than one decoded.
type body struct {
	dec  *json.Decoder
	each func(entity string, raw json.RawMessage) error
	time text
}

// readRows gives each row of the answer, by entity, and the server's time; empty if it did not tell.
func readRows(answer []byte, each func(entity string, raw json.RawMessage) error) (text, error) {
	b := &body{dec: json.NewDecoder(bytes.NewReader(answer)), each: each}
	if err := b.value(""); err != nil {
		return "", err
	}
	if b.dec.More() {
		return "", errors.New("more follows the answer")
	}
	return b.time, nil
}

// value walks through one value; name is the member that holds it.
func (b *body) value(name string) error {
	token, err := b.dec.Token()
	if err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	switch token {
	case json.Delim('{'):
		return b.object()
	case json.Delim('['):
		return b.array(name)
	}
	if s, ok := token.(string); ok && name == "time" {
		b.time = text(s)
	}
	return nil
}

func (b *body) object() error {
	for b.dec.More() {
		token, err := b.dec.Token()
		if err != nil {
			return fmt.Errorf("answer: %w", err)
		}
		name, _ := token.(string)
		if err := b.value(name); err != nil {
			return err
		}
	}
	return b.end()
}

// array is a list of answers, or of rows.
func (b *body) array(name string) error {
	for b.dec.More() {
		if name == "CDCResponse" || name == "QueryResponse" {
			if err := b.value(name); err != nil {
				return err
			}
			continue
		}
		var raw json.RawMessage
		if err := b.dec.Decode(&raw); err != nil {
			return fmt.Errorf("answer: row of %s: %w", name, err)
		}
		if err := b.each(name, raw); err != nil {
			return err
		}
	}
	return b.end()
}

func (b *body) end() error {
	if _, err := b.dec.Token(); err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	return nil
}
