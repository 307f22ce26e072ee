package acomba

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"syncbox/connectors/acomba/layout"
)

// Superseded says what becomes of a document that another one was made from.
type Superseded string

// The ways with a superseded document.
const (
	SupersededZero Superseded = "zero" // it gets total 0 and a note that names its successor
	SupersededKeep Superseded = "keep" // it keeps its amounts
)

// Owner says whose a document is.
type Owner string

// The owners.
const (
	OwnerCustomer   Owner = "customer"    // who ordered
	OwnerInvoicedTo Owner = "invoiced_to" // who pays; who ordered where the document names nobody else
)

// Names says how the full name of a contact is split.
type Names string

// The ways to split a name. "Tremblay, Jean" is understood by both.
const (
	NamesFirstLast Names = "first-last"
	NamesLastFirst Names = "last-first"
	NamesWhole     Names = "whole" // not split
)

// Documents says which kinds of documents are read.
type Documents struct {
	Quotes, Orders, OpenOrders, Invoices, Contracts bool
}

// Config is what a site says about its company. Start from Defaults.
type Config struct {
	// Folder of the company within the share, with slashes; "." is the share itself.
	Folder string
	// Layouts to choose from; nil = the embedded ones.
	Layouts []*layout.Layout
	// Layout forces one by its id ("refacomba/1"); empty = the one meant for the program's version.
	Layout string
	// Version is a technician's word, for layouts that ask for it. Empty: a single layout of Layouts is taken at its own.
	Version string

	Documents  Documents
	Superseded Superseded
	Owner      Owner
	Names      Names
	// Mobile matches the description of the phone slot that is the mobile; without a match it is the slot
	// user1, which an empty expression always gives.
	Mobile string
	// ProvinceFromCity takes a province out of the city ("Laval, QC") where the card has none.
	ProvinceFromCity bool
	// Currency of all documents, as ISO 4217.
	Currency string

	// Quiet is the time between two reads that must agree, longer than the program's longest transaction;
	// 0 = as the layout says.
	Quiet time.Duration
	// Rounds bounds how often a changed block is read again in one look, at least 2; 0 = as the layout says.
	Rounds int
	// GrowingLooks is how many looks in a row a file may end inside a card before that means a wrong layout.
	GrowingLooks int
	// SignsFor is how long a sign of an older copy waits for a second one.
	SignsFor time.Duration

	// Wait pauses, or returns the error of ctx; nil = a timer.
	Wait func(ctx context.Context, d time.Duration) error
	// Now is the clock; nil = time.Now.
	Now func() time.Time
}

// Defaults gives the settings of a site that says nothing.
func Defaults() Config {
	return Config{
		Folder:       ".",
		Documents:    Documents{Quotes: true, Orders: true, OpenOrders: true, Invoices: true, Contracts: true},
		Superseded:   SupersededZero,
		Owner:        OwnerCustomer,
		Names:        NamesFirstLast,
		Mobile:       `(?i)cell|mobile|portable`,
		Currency:     "CAD",
		GrowingLooks: 3,
		SignsFor:     24 * time.Hour,
	}
}

// Validate finds the first setting that makes no sense and names it.
func (c *Config) Validate() error {
	var bad []error
	check := func(ok bool, key string, value any) {
		if !ok {
			bad = append(bad, fmt.Errorf("bad %s %q", key, value))
		}
	}
	check(fs.ValidPath(c.Folder), "folder", c.Folder)
	check(c.Superseded == SupersededZero || c.Superseded == SupersededKeep, "superseded", c.Superseded)
	check(c.Owner == OwnerCustomer || c.Owner == OwnerInvoicedTo, "owner", c.Owner)
	check(c.Names == NamesFirstLast || c.Names == NamesLastFirst || c.Names == NamesWhole, "names", c.Names)
	_, err := regexp.Compile(c.Mobile)
	check(err == nil, "mobile", c.Mobile)
	check(len(c.Currency) == 3, "currency", c.Currency)
	check(c.Quiet >= 0 && (c.Rounds == 0 || c.Rounds >= 2), "rounds", fmt.Sprint(c.Rounds))
	check(c.GrowingLooks >= 1, "growing_looks", fmt.Sprint(c.GrowingLooks))
	check(c.SignsFor > 0, "signs_for", c.SignsFor.String())
	check(c.Layout == "" || c.forced() != nil, "layout", c.Layout)
	return errors.Join(bad...)
}

// layouts gives what there is to choose from.
func (c *Config) layouts() []*layout.Layout {
	if c.Layouts == nil {
		return layout.Embedded()
	}
	return c.Layouts
}

// LayoutFile reads a site's own layout file, for Config.Layouts; an empty path gives nil.
func LayoutFile(name string) ([]*layout.Layout, error) {
	if name == "" {
		return nil, nil
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("read layout: %w", err)
	}
	l, err := layout.Parse(filepath.Base(name), text)
	if err != nil {
		return nil, fmt.Errorf("read layout: %w", err)
	}
	return []*layout.Layout{l}, nil
}

// forced gives the layout of Config.Layout, nil if there is none.
func (c *Config) forced() *layout.Layout {
	for _, l := range c.layouts() {
		if l.String() == c.Layout {
			return l
		}
	}
	return nil
}

// rules stands for all settings that shape records: when one of them changes, every record is new.
func (c *Config) rules() uint64 {
	h := fnv.New64a()
	fmt.Fprint(h, c.Documents, c.Superseded, c.Owner, c.Names, c.Mobile, c.ProvinceFromCity, c.Currency)
	return h.Sum64()
}

// none says whether no document is read at all.
func (d Documents) none() bool { return d == Documents{} }

// read says whether documents of a kind are read. A kind that the layout does not know is, to be shown
// to a person.
func (d Documents) read(kind string) bool {
	switch kind {
	case "quote":
		return d.Quotes
	case "order":
		return d.Orders
	case "open_order":
		return d.OpenOrders
	case "invoice":
		return d.Invoices
	case "contract":
		return d.Contracts
	}
	return !d.none()
}

func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
