package app_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"syncbox/connectors/acomba/acombatest"
	"syncbox/connectors/centrixone/centrixonetest"
)

// judge holds what must be true in the end, by the state of both products and by what the box told people.
func (k *killLoop) judge() {
	k.t.Helper()
	doubles, lost, gaps := k.doubles(), append(k.lost(), k.differences()...), k.gaps()
	kills, records := 0, len(k.crm.Accounts())+len(k.crm.Contacts())+len(k.crm.Opportunities())
	for _, n := range k.kills {
		kills += n
	}
	fmt.Printf("kills=%d edits=%d records=%d duplicates=%d lost=%d journal_gaps=%d\n", kills, k.people.edits, records, len(doubles), len(lost), len(gaps))
	for what, all := range map[string][]string{"there twice": doubles, "lost": lost, "missing in the journal": gaps} {
		if len(all) > 0 {
			k.t.Errorf("seed %d: %s:\n%s", *killSeed, what, strings.Join(firstOf(all, 20), "\n"))
		}
	}
	if wrong := k.deleted(); len(wrong) > 0 {
		k.t.Errorf("seed %d: deleted cards:\n%s", *killSeed, strings.Join(wrong, "\n"))
	}
	if rest := k.litter(); len(rest) > 0 {
		k.t.Errorf("seed %d: left behind: %s", *killSeed, rest)
	}
	k.worked(kills)
}

// worked holds that the loop was worth its name: the boxes did something before they died. Of twenty lives three
// end in a POST or with nothing left to send, and two after a whole cycle, however slow the machine is.
func (k *killLoop) worked(kills int) {
	k.t.Helper()
	lives := map[int]bool{}
	for _, c := range k.crm.Journal(centrixonetest.JournalQuery{Method: "POST"}) {
		if c.Applied && !c.Late {
			lives[k.lifeAt(c.At)] = true
		}
	}
	k.t.Logf("the box died %v; in %d lives it wrote to the CRM; it left %d cards half-written", k.kills, len(lives), k.halves)
	if len(lives) < kills/10 {
		k.t.Errorf("seed %d: the box wrote to the CRM in %d lives of %d only", *killSeed, len(lives), kills)
	}
}

// doubles counts what is there more than once: cards beyond those that people made, and records of the CRM
// that stand for no card of their own.
func (k *killLoop) doubles() (twice []string) {
	k.t.Helper()
	cards := 0
	names := map[string]bool{}
	for c, err := range k.erp.CustomerCards() {
		must(k.t, err)
		cards++
		names[ext("CU", c.CardPos)], names[ext("CC", c.CardPos)] = true, true
		if c.Status != acombatest.InUse && c.Status != acombatest.Deleted {
			twice = append(twice, fmt.Sprintf("card %d has status %d", c.CardPos, c.Status))
		}
	}
	if cards != k.people.cardsMade {
		twice = append(twice, fmt.Sprintf("%d customer cards, people made %d", cards, k.people.cardsMade))
	}
	for _, a := range k.crm.Accounts() {
		if !names[a.ExternalID] {
			twice = append(twice, fmt.Sprintf("account %d has the external id %q", a.ID, a.ExternalID))
		}
		delete(names, a.ExternalID)
	}
	for _, c := range k.crm.Contacts() {
		if !names[c.ExternalID] {
			twice = append(twice, fmt.Sprintf("contact %d has the external id %q", c.ID, c.ExternalID))
		}
		delete(names, c.ExternalID)
	}
	for d, err := range k.erp.DocumentCards() {
		must(k.t, err)
		names[ext("DO", d.CardPos)] = true
	}
	for _, o := range k.crm.Opportunities() {
		if !names[o.ExternalID] {
			twice = append(twice, fmt.Sprintf("opportunity %d has the external id %q", o.ID, o.ExternalID))
		}
	}
	return append(twice, k.createdTwice()...)
}

// createdTwice gives the external ids that the box created more often than people deleted them.
func (k *killLoop) createdTwice() (twice []string) {
	deleted := map[string]int{}
	for _, name := range k.people.deleted {
		deleted[name]++
	}
	for _, res := range []centrixonetest.Resource{centrixonetest.Accounts, centrixonetest.Contacts, centrixonetest.Opportunities,
		centrixonetest.Users, centrixonetest.RevenueCategories} {
		for _, name := range k.crm.CreatedTwice(res) {
			if ids := k.crm.Creates(res, name); len(ids) > 1+deleted[name] {
				twice = append(twice, fmt.Sprintf("%s %s was created %d times: %v", res, name, len(ids), ids))
			}
		}
	}
	for number, ids := range k.crm.SharedNumbers() {
		twice = append(twice, fmt.Sprintf("accounts %v share the number %s", ids, number))
	}
	return twice
}

// deleted holds that the account of a deleted card is shown as inactive.
func (k *killLoop) deleted() (wrong []string) {
	for card := range k.people.dead {
		if a, ok := k.crm.AccountByExternalID(ext("CU", card)); ok && a.ERPActive {
			wrong = append(wrong, fmt.Sprintf("the account of card %d is active", card))
		}
	}
	return wrong
}

// gaps gives what is missing in the journal.
func (k *killLoop) gaps() (gaps []string) {
	for i, e := range k.seen {
		if e.Seq != uint64(i)+1 {
			gaps = append(gaps, fmt.Sprintf("event %d stands in place %d", e.Seq, i+1))
		}
	}
	return gaps
}

// litter gives what the killed boxes left in their folders.
func (k *killLoop) litter() (rest []string) {
	k.t.Helper()
	for dir, known := range map[string][]string{
		filepath.Join(k.data()): {"exemple", "syncbox.sock"}, filepath.Join(k.data(), "exemple"): {"state.db", "state.copy", "cache.db", "write-test.json"},
		filepath.Join(k.share(), "SyncBox"): nil, k.share(): {"EXEMPLE", "SyncBox"},
	} {
		entries, err := os.ReadDir(dir)
		must(k.t, err)
		for _, e := range entries {
			if !slices.Contains(known, e.Name()) {
				rest = append(rest, filepath.Join(dir, e.Name()))
			}
		}
	}
	return rest
}
