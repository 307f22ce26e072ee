package acombatest

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// Person keys pending changes from the hand-off file into Acomba, at a station.
type Person struct {
	Station *Company
	Box     Folder // the folder SyncBox of the share
	Company string // company name in the file's name
	// Words are further names of fields that the person understands, as the file spells them, to a
	// canonical name such as "phone.number[1]". The usual French words are known.
	Words map[string]string
}

// Manner is how a person keys. The zero value is: everything, correctly. To key late, read the
// sheet now and key it later.
type Manner struct {
	Typo        bool                       // two neighbours change places in every value
	OtherNumber func(number string) string // a new customer gets this number instead
	Only        func(Row) bool             // rows to key; nil = all that are not settled yet
}

// LatestName is the name of the newest hand-off file of the company, "" when there is none.
func (p *Person) LatestName() (string, error) {
	infos, err := p.Box.ReadDir(".")
	if err != nil {
		return "", fmt.Errorf("look for the hand-off file: %w", err)
	}
	pattern := regexp.MustCompile(`^A-SAISIR_` + regexp.QuoteMeta(fileSafe(p.Company)) + `_\d{8}-\d{6}\.csv$`)
	latest := ""
	for _, info := range infos {
		if pattern.MatchString(info.Name()) {
			latest = max(latest, info.Name()) // the name ends in the moment
		}
	}
	return latest, nil
}

// fileSafe replaces what Windows forbids in a file name.
func fileSafe(name string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`<>:"/\|?*`, r) {
			return '_'
		}
		return r
	}, name)
}

// Read reads the newest hand-off file; no file gives no rows.
func (p *Person) Read() ([]Row, error) {
	name, err := p.LatestName()
	if err != nil || name == "" {
		return nil, err
	}
	b, err := readFile(p.Box, name)
	if err != nil {
		return nil, fmt.Errorf("read hand-off file: %w", err)
	}
	return ReadSheet(b)
}

// HoldOpen opens the newest hand-off file and keeps it open, as Excel does, until closed. Over SMB
// this stops others from renaming or removing it; on a plain directory nothing does.
func (p *Person) HoldOpen() (io.Closer, error) {
	name, err := p.LatestName()
	if err != nil {
		return nil, err
	}
	if name == "" {
		return nil, errors.New("hold open: there is no hand-off file")
	}
	return p.Box.Open(name, true)
}

// KeyLatest reads the newest file and keys it; it gives the card positions touched.
func (p *Person) KeyLatest(how Manner) ([]int32, error) {
	rows, err := p.Read()
	if err != nil {
		return nil, err
	}
	return p.Key(rows, how)
}

// Key keys rows, one customer after the other in the order of the sheet. A customer that cannot be
// found is ErrNoCard; a field or action that nobody understands is an error too.
func (p *Person) Key(rows []Row, how Manner) ([]int32, error) {
	var order []string
	blocks := map[string][]Row{}
	for _, r := range rows {
		if settled(r.State) || how.Only != nil && !how.Only(r) {
			continue
		}
		if len(blocks[r.Number]) == 0 {
			order = append(order, r.Number)
		}
		blocks[r.Number] = append(blocks[r.Number], r)
	}
	var touched []int32
	for _, number := range order {
		cp, err := p.keyCustomer(number, blocks[number], how)
		if err != nil {
			return touched, fmt.Errorf("key changes of customer %s: %w", number, err)
		}
		touched = append(touched, cp)
	}
	return touched, nil
}

// keyCustomer keys all rows of one customer and saves once.
func (p *Person) keyCustomer(number string, rows []Row, how Manner) (int32, error) {
	var steps []func(*Customer)
	isNew := false
	for _, r := range rows {
		created, err := isCreation(r.Action)
		if err != nil {
			return 0, err
		}
		isNew = isNew || created
		if r.Field == "" && created {
			continue
		}
		step, err := p.step(r, how)
		if err != nil {
			return 0, err
		}
		steps = append(steps, step)
	}
	all := func(c *Customer) {
		for _, step := range steps {
			step(c)
		}
	}
	if isNew {
		return p.create(number, rows[0].Customer, all, how)
	}
	cp, err := p.find(number)
	if err != nil {
		return 0, err
	}
	return cp, p.Station.ModifyCustomer(cp, all)
}

func (p *Person) create(number, name string, all func(*Customer), how Manner) (int32, error) {
	c := Customer{Name: name, Language: 12, Country: "CA"}
	all(&c)
	c.Number = number
	if how.OtherNumber != nil {
		c.Number = how.OtherNumber(number)
	}
	return p.Station.AddCustomer(c)
}

// find looks a customer up by number in the index, then among all cards: one that was added
// without an index entry is found by the program too.
func (p *Person) find(number string) (int32, error) {
	cp, err := p.Station.Find(CustomerTable, "number", number)
	if err != nil || cp != 0 {
		return cp, err
	}
	for r, err := range p.Station.CustomerCards() {
		if err != nil {
			return 0, err
		}
		if r.Status == InUse && r.Number == number {
			return r.CardPos, nil
		}
	}
	return 0, ErrNoCard
}
