package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// form is what a value looks like.
type form int

const (
	textForm form = iota
	listForm
	numberForm
	boolForm
	secretForm
)

// key is one value that set-up may change. Its name begins with "job.*." where it is a job's own.
type key struct {
	name string
	form form
	// guards is the secret that goes to where this value says. A new address is taken only together with
	// that secret, so that nobody who sets an address gets sent a secret that he does not know.
	guards string
	yes    bool // a yes or no that means yes where it is not there
	all    bool // a list that means all there are where it is not there, and none where it is empty
	pair   Pair // only jobs of this pair have it; empty = all have
}

// settable are all values that set-up may change: by console, USB stick and local page. The box's name, the products, how
// cards are written, and whatever lets a key cross the network in clear are not among them.
var settable = []key{
	{name: "box.language"},
	{name: "box.zone"},
	{name: "network.interface"},
	{name: "network.hostname"},
	{name: "network.address"},
	{name: "network.fixed", form: boolForm},
	{name: "network.gateway"},
	{name: "network.dns", form: listForm},
	{name: "network.ntp", form: listForm},
	{name: "updates.automatic", form: boolForm, yes: true},
	{name: "updates.servers", form: listForm},
	{name: "updates.hours", form: listForm},
	{name: "updates.not_before"},
	{name: "support.broker", form: listForm},
	{name: "support.est"},
	{name: "support.home_assistant", form: boolForm},
	{name: "metrics.port", form: numberForm},
	{name: "page.port", form: numberForm},
	{name: "page.https", form: boolForm},
	{name: "job.*.direction"},
	{name: "job.*.interval"},
	{name: "job.*.allowed", form: listForm},
	{name: "job.*.backup", form: listForm},
	{name: "job.*.confirm"},
	{name: "job.*.share.server", guards: "job.*.share_password", pair: AcombaCentrixOne},
	{name: "job.*.share.port", form: numberForm, guards: "job.*.share_password", pair: AcombaCentrixOne},
	{name: "job.*.share.share", pair: AcombaCentrixOne},
	{name: "job.*.share.folder", pair: AcombaCentrixOne},
	{name: "job.*.share.user", pair: AcombaCentrixOne},
	{name: "job.*.share.domain", pair: AcombaCentrixOne},
	{name: "job.*.share.seal", form: boolForm, pair: AcombaCentrixOne},
	{name: "job.*.share.vers", pair: AcombaCentrixOne},
	{name: "job.*.acomba.company", pair: AcombaCentrixOne},
	{name: "job.*.acomba.documents", form: listForm, all: true, pair: AcombaCentrixOne},
	{name: "job.*.acomba.handoff_folder", pair: AcombaCentrixOne},
	{name: "job.*.acomba.layout", pair: AcombaCentrixOne},
	{name: "job.*.quickbooks.relay", pair: QuickBooksCentrixOne},
	{name: "job.*.quickbooks.start", pair: QuickBooksCentrixOne},
	{name: "job.*.quickbooks.language", pair: QuickBooksCentrixOne},
	{name: "job.*.quickbooks.customer_language", pair: QuickBooksCentrixOne},
	{name: "job.*.quickbooks.monthly_reads", form: numberForm, pair: QuickBooksCentrixOne},
	{name: "job.*.centrixone.url", guards: "job.*.crm_key"},
	{name: "job.*.share_password", form: secretForm, pair: AcombaCentrixOne},
	{name: "job.*.client_secret", form: secretForm, pair: QuickBooksCentrixOne},
	{name: "job.*.crm_account", form: secretForm},
	{name: "job.*.crm_key", form: secretForm},
}

// lookup finds what a name such as "job.north.share.server" stands for, and the job's name in it.
func lookup(name string) (k key, job string, ok bool) {
	general := name
	rest, ofJob := strings.CutPrefix(name, "job.")
	if ofJob {
		var value string
		job, value, _ = strings.Cut(rest, ".")
		general = "job.*." + value
	}
	i := slices.IndexFunc(settable, func(k key) bool { return k.name == general })
	if i < 0 || ofJob && !jobName.MatchString(job) {
		return key{}, "", false
	}
	return settable[i], job, true
}

// Known tells whether set-up may change a value, and whether that is a secret.
func Known(name string) (known, secret bool) {
	k, _, ok := lookup(name)
	return ok, ok && k.form == secretForm
}

// Topic gives what a value is about, without the name of its job: "job.share.server" for "job.north.share.server". It is
// the end of the key of its words.
func Topic(name string) string {
	k, _, _ := lookup(name)
	return strings.Replace(k.name, "job.*.", "job.", 1)
}

// Topics gives all topics.
func Topics() []string {
	var all []string
	for _, k := range settable {
		all = append(all, strings.Replace(k.name, "job.*.", "job.", 1))
	}
	return all
}

// Guard gives the name of the secret that a new value of a key has to come with, if that secret is set already:
// "job.north.share_password" for "job.north.share.server". It is empty for most.
func Guard(name string) string {
	k, job, _ := lookup(name)
	return strings.Replace(k.guards, "*", job, 1)
}

// longest is how many bytes one value may have.
const longest = 512

// words are what people type for a choice.
var words = map[string]bool{"oui": true, "yes": true, "non": false, "no": false}

// Parse reads a value as people type it: a list is parted by commas or blanks, a choice is true or false, oui or non, yes
// or no.
func Parse(name, text string) (any, error) {
	k, _, ok := lookup(name)
	if !ok {
		return nil, Refused{{Key: name, Why: NotSettable}}
	}
	switch k.form {
	case listForm:
		return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' }), nil
	case numberForm:
		n, err := strconv.ParseInt(text, 10, 32)
		if err != nil {
			return nil, Refused{{Key: name, Why: WrongValue, Err: fmt.Errorf("%s: want a number", name)}}
		}
		return n, nil
	case boolForm:
		if b, known := words[strings.ToLower(text)]; known {
			return b, nil
		}
		b, err := strconv.ParseBool(text)
		if err != nil {
			return nil, Refused{{Key: name, Why: WrongValue, Err: fmt.Errorf("%s: want true or false", name)}}
		}
		return b, nil
	}
	return text, nil
}

// fits checks the type of a value, and what no value of any key may hold. The error never shows the value.
func (k key) fits(name string, value any) error {
	var texts []string
	ok := false
	switch v := value.(type) {
	case string:
		texts, ok = []string{v}, k.form == textForm || k.form == secretForm
	case []string:
		texts, ok = v, k.form == listForm
	case int64:
		ok = k.form == numberForm
	case bool:
		ok = k.form == boolForm
	}
	if !ok {
		return fmt.Errorf("%s: want %s", name, [...]string{"a text", "a list of texts", "a number", "true or false", "a text"}[k.form])
	}
	size := 0
	for _, s := range texts {
		size += len(s)
		if !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) {
			return fmt.Errorf("%s: holds a character that is no text", name)
		}
	}
	if size > longest {
		return fmt.Errorf("%s: is longer than %d bytes", name, longest)
	}
	return nil
}
