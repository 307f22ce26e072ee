package config

import (
	"regexp"
	"slices"
)

// untouched is the first job of a box that nobody has set up yet, for each pair, but for CentrixOne.
var untouched = map[Pair]string{
	AcombaCentrixOne: `[[job]]
name = "acomba"
pair = "acomba-centrixone"

[job.share]
kind = "cifs"

[job.acomba]

`,
	QuickBooksCentrixOne: `[[job]]
name = "quickbooks"
pair = "quickbooks-centrixone"

[job.quickbooks]

`,
	SageX3Outlook: `[sagex3.main]

[outlook.main]

[[job]]
name = "user-1"
pair = "sagex3-outlook"

[job.sagex3]
server = "main"

[job.outlook]
tenant = "main"

`,
	Bob50SageCRM: `[[job]]
name = "bob"
pair = "bob50-sagecrm"

[job.share]
kind = "cifs"

[job.bob50]

[job.sagecrm]

`,
	Sage50SalesManagement: `[[job]]
name = "sage50"
pair = "sage50-salesmanagement"

[job.share]
kind = "cifs"

[job.sage50]

[job.salesmanagement]

`}

// firstCRM stands behind the first job of a pair with CentrixOne.
const firstCRM = `[job.centrixone]
url = "https://api.centrix.one"
`

// Choices gives the pairs of the assistant that the box's job can still be made one of, sorted; none once something of its ERP was set, or
// where there are several.
func (w *Writer) Choices() []Pair {
	w.mu.Lock()
	defer w.mu.Unlock()
	f, err := w.read()
	if err != nil || f.untouched() == "" {
		return nil
	}
	return []Pair{AcombaCentrixOne, QuickBooksCentrixOne, SageX3Outlook, Bob50SageCRM, Sage50SalesManagement}
}

// untouched gives the pair of a job of which nothing is set yet; empty if there is no such job.
func (f *files) untouched() Pair {
	for pair := range untouched {
		if len(f.jobs) == 1 && whole(pair).Match(f.config) {
			return pair
		}
	}
	return ""
}

// whole finds the text of the first job of a pair. Its CRM may be at another address.
func whole(p Pair) *regexp.Regexp {
	text := regexp.QuoteMeta(untouched[p])
	if slices.Contains(ofCentrixOne, p) {
		text += `(\[job\.centrixone\]\nurl = "[^"\n]*"\n)`
	}
	return regexp.MustCompile(text)
}

// Choose makes the box's job one of a pair. Refused once something of it is set: Choices tells.
func (w *Writer) Choose(p Pair) error {
	changed, err := w.choose(p)
	if len(changed) > 0 && w.changed != nil {
		w.changed(changed)
	}
	return err
}

func (w *Writer) choose(p Pair) ([]string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	was, err := w.read()
	if err != nil {
		return nil, err
	}
	is := was.untouched()
	if is == "" || untouched[p] == "" {
		return nil, Refused{{Why: NotSettable}}
	}
	if is == p {
		return nil, nil
	}
	next := *was
	at := whole(is).FindSubmatchIndex(was.config)
	text := []byte(untouched[p])
	switch crm := slices.Contains(ofCentrixOne, p); {
	case crm && len(at) > 2:
		text = append(text, was.config[at[2]:at[3]]...)
	case crm:
		text = append(text, firstCRM...)
	}
	next.config = slices.Concat(was.config[:at[0]], text, was.config[at[1]:])
	if err := was.better(&next); err != nil {
		return nil, Refused{{Why: WrongWhole, Err: err}}
	}
	return []string{"job.pair"}, w.keep(was, &next)
}
