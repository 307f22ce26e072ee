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

// key is one value that set-up may change. Its name begins with "job.*.", "sagex3.*." or "outlook.*." where it is the own of a
// job, of a server of X3, of a tenant.
type key struct {
	name string
	form form
	// guards is the secret that goes to where this value says. A new address is taken only together with
	// that secret, so that nobody who sets an address gets sent a secret that he does not know.
	guards string
	yes    bool   // a yes or no that means yes where it is not there
	all    bool   // a list that means all there are where it is not there, and none where it is empty
	commas bool   // a list whose items may hold blanks: it is parted by commas alone
	pairs  []Pair // only jobs of these pairs have it; nil = all have
}

// The pairs that have a value.
var (
	ofAcomba     = []Pair{AcombaCentrixOne}
	ofQuickBooks = []Pair{QuickBooksCentrixOne}
	ofCentrixOne = []Pair{AcombaCentrixOne, QuickBooksCentrixOne}
	ofSageX3     = []Pair{SageX3Outlook}
	ofBob50      = []Pair{Bob50SageCRM}
	ofSage50     = []Pair{Sage50SalesManagement}
	ofShare      = []Pair{AcombaCentrixOne, Bob50SageCRM, Sage50SalesManagement}
)

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
	{name: "job.*.share.server", guards: "job.*.share_password", pairs: ofShare},
	{name: "job.*.share.port", form: numberForm, guards: "job.*.share_password", pairs: ofShare},
	{name: "job.*.share.share", pairs: ofShare},
	{name: "job.*.share.folder", pairs: ofShare},
	{name: "job.*.share.user", pairs: ofShare},
	{name: "job.*.share.domain", pairs: ofShare},
	{name: "job.*.share.seal", form: boolForm, pairs: ofShare},
	{name: "job.*.share.vers", pairs: ofShare},
	{name: "job.*.acomba.company", pairs: ofAcomba},
	{name: "job.*.acomba.documents", form: listForm, all: true, pairs: ofAcomba},
	{name: "job.*.acomba.handoff_folder", pairs: ofAcomba},
	{name: "job.*.acomba.layout", pairs: ofAcomba},
	{name: "job.*.quickbooks.relay", pairs: ofQuickBooks},
	{name: "job.*.quickbooks.start", pairs: ofQuickBooks},
	{name: "job.*.quickbooks.language", pairs: ofQuickBooks},
	{name: "job.*.quickbooks.customer_language", pairs: ofQuickBooks},
	{name: "job.*.quickbooks.monthly_reads", form: numberForm, pairs: ofQuickBooks},
	{name: "job.*.centrixone.url", guards: "job.*.crm_key", pairs: ofCentrixOne},
	{name: "job.*.share_password", form: secretForm, pairs: ofShare},
	{name: "job.*.client_secret", form: secretForm, pairs: ofQuickBooks},
	{name: "job.*.crm_account", form: secretForm, pairs: ofCentrixOne},
	{name: "job.*.crm_key", form: secretForm, pairs: ofCentrixOne},
	{name: "sagex3.*.url", guards: "sagex3.*.password"},
	{name: "sagex3.*.pool"},
	{name: "sagex3.*.user"},
	{name: "sagex3.*.user_code"},
	{name: "sagex3.*.language"},
	{name: "sagex3.*.profile"},
	{name: "sagex3.*.payload"},
	{name: "sagex3.*.changes"},
	{name: "sagex3.*.publications", form: listForm},
	{name: "sagex3.*.read"},
	{name: "sagex3.*.folder"},
	{name: "sagex3.*.representations", form: listForm},
	{name: "sagex3.*.contact_fields", form: listForm},
	{name: "sagex3.*.task_fields", form: listForm},
	{name: "sagex3.*.call_fields", form: listForm},
	{name: "sagex3.*.appointment_fields", form: listForm},
	{name: "sagex3.*.references", form: listForm},
	{name: "sagex3.*.queue"},
	{name: "sagex3.*.queue_fields", form: listForm},
	{name: "sagex3.*.zone"},
	{name: "sagex3.*.list_size", form: numberForm},
	{name: "sagex3.*.delete_within_days", form: numberForm},
	{name: "sagex3.*.password", form: secretForm},
	{name: "outlook.*.tenant"},
	{name: "outlook.*.application"},
	{name: "outlook.*.zone"},
	{name: "outlook.*.past_days", form: numberForm},
	{name: "outlook.*.future_days", form: numberForm},
	{name: "outlook.*.recurrence_days", form: numberForm},
	{name: "outlook.*.secret", form: secretForm},
	{name: "job.*.bob50.dossier", pairs: ofBob50},
	{name: "job.*.bob50.backups", pairs: ofBob50},
	{name: "job.*.bob50.backup_max_age", pairs: ofBob50},
	{name: "job.*.bob50.codepage", form: numberForm, pairs: ofBob50},
	{name: "job.*.bob50.country", pairs: ofBob50},
	{name: "job.*.bob50.zone", pairs: ofBob50},
	{name: "job.*.bob50.contacts_table", pairs: ofBob50},
	{name: "job.*.bob50.link", pairs: ofBob50},
	{name: "job.*.bob50.link_format", pairs: ofBob50},
	{name: "job.*.bob50.start", pairs: ofBob50},
	{name: "job.*.bob50.new_to_crm", pairs: ofBob50},
	{name: "job.*.sagecrm.url", guards: "job.*.crm_password", pairs: ofBob50},
	{name: "job.*.sagecrm.install", pairs: ofBob50},
	{name: "job.*.sagecrm.user", pairs: ofBob50},
	{name: "job.*.sagecrm.interface", pairs: ofBob50},
	{name: "job.*.sagecrm.vat_field", pairs: ofBob50},
	{name: "job.*.sagecrm.vat_prefix_field", pairs: ofBob50},
	{name: "job.*.sagecrm.bob_sync_field", pairs: ofBob50},
	{name: "job.*.sagecrm.bob_id_field", pairs: ofBob50},
	{name: "job.*.sagecrm.language_field", pairs: ofBob50},
	{name: "job.*.sagecrm.languages", form: listForm, pairs: ofBob50},
	{name: "job.*.sagecrm.customer_type", pairs: ofBob50},
	{name: "job.*.sagecrm.zone", pairs: ofBob50},
	{name: "job.*.crm_password", form: secretForm, pairs: ofBob50},
	{name: "job.*.sage50.dossier", pairs: ofSage50},
	{name: "job.*.sage50.encoding", pairs: ofSage50},
	{name: "job.*.sage50.import_encoding", pairs: ofSage50},
	{name: "job.*.sage50.columns", form: listForm, commas: true, pairs: ofSage50},
	{name: "job.*.sage50.prospect_types", form: listForm, commas: true, pairs: ofSage50},
	{name: "job.*.sage50.representatives", form: listForm, commas: true, pairs: ofSage50},
	{name: "job.*.sage50.send_ssm_clients", form: boolForm, pairs: ofSage50},
	{name: "job.*.sage50.export_expected", pairs: ofSage50},
	{name: "job.*.sage50.import_remind", pairs: ofSage50},
	{name: "job.*.salesmanagement.url", guards: "job.*.private_key", pairs: ofSage50},
	{name: "job.*.salesmanagement.rate", form: numberForm, pairs: ofSage50},
	{name: "job.*.salesmanagement.dossier", pairs: ofSage50},
	{name: "job.*.salesmanagement.dossier_field", pairs: ofSage50},
	{name: "job.*.salesmanagement.dossier_values", form: listForm, commas: true, pairs: ofSage50},
	{name: "job.*.salesmanagement.admin_user", pairs: ofSage50},
	{name: "job.*.salesmanagement.branch", form: numberForm, pairs: ofSage50},
	{name: "job.*.salesmanagement.client_statuses", form: listForm, commas: true, pairs: ofSage50},
	{name: "job.*.salesmanagement.prospect_statuses", form: listForm, commas: true, pairs: ofSage50},
	{name: "job.*.salesmanagement.representatives", pairs: ofSage50},
	{name: "job.*.salesmanagement.zone", pairs: ofSage50},
	{name: "job.*.public_key", form: secretForm, pairs: ofSage50},
	{name: "job.*.private_key", form: secretForm, pairs: ofSage50},
	{name: "job.*.sagex3.server", pairs: ofSageX3},
	{name: "job.*.sagex3.login", pairs: ofSageX3},
	{name: "job.*.sagex3.representative", pairs: ofSageX3},
	{name: "job.*.sagex3.conflict", pairs: ofSageX3},
	{name: "job.*.outlook.tenant", pairs: ofSageX3},
	{name: "job.*.outlook.mailbox", pairs: ofSageX3},
	{name: "job.*.outlook.contact_folder", pairs: ofSageX3},
	{name: "job.*.outlook.task_list", pairs: ofSageX3},
	{name: "job.*.rights.contacts_to_outlook", form: listForm, pairs: ofSageX3},
	{name: "job.*.rights.contacts_to_x3", form: listForm, pairs: ofSageX3},
	{name: "job.*.rights.tasks_to_outlook", form: listForm, pairs: ofSageX3},
	{name: "job.*.rights.tasks_to_x3", form: listForm, pairs: ofSageX3},
	{name: "job.*.rights.calls_to_outlook", form: listForm, pairs: ofSageX3},
	{name: "job.*.rights.calls_to_x3", form: listForm, pairs: ofSageX3},
	{name: "job.*.rights.appointments_to_outlook", form: listForm, pairs: ofSageX3},
	{name: "job.*.rights.appointments_to_x3", form: listForm, pairs: ofSageX3},
}

// owners are what there may be several of, each with a name.
var owners = []string{"job", "sagex3", "outlook"}

// kind is what a key is the own of, one of owners; empty = the box.
func (k key) kind() string {
	kind, _, own := strings.Cut(k.name, ".*.")
	if !own {
		return ""
	}
	return kind
}

// lookup finds what a name such as "job.north.share.server" stands for, and the name of its job, server or tenant in it.
func lookup(name string) (k key, owner string, ok bool) {
	general := name
	kind, rest, _ := strings.Cut(name, ".")
	own := slices.Contains(owners, kind)
	if own {
		var value string
		owner, value, _ = strings.Cut(rest, ".")
		general = kind + ".*." + value
	}
	i := slices.IndexFunc(settable, func(k key) bool { return k.name == general })
	if i < 0 || own && !jobName.MatchString(owner) {
		return key{}, "", false
	}
	return settable[i], owner, true
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
	return k.topic()
}

func (k key) topic() string { return strings.Replace(k.name, ".*.", ".", 1) }

// Topics gives all topics.
func Topics() []string {
	var all []string
	for _, k := range settable {
		all = append(all, k.topic())
	}
	return all
}

// Guard gives the name of the secret that a new value of a key has to come with, if that secret is set already:
// "job.north.share_password" for "job.north.share.server". It is empty for most.
func Guard(name string) string {
	k, owner, _ := lookup(name)
	return strings.Replace(k.guards, "*", owner, 1)
}

// longest is how many bytes one value may have.
const longest = 512

// words are what people type for a choice.
var words = map[string]bool{"oui": true, "yes": true, "non": false, "no": false}

// list reads the items of a list.
func (k key) list(text string) []string {
	if !k.commas {
		return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })
	}
	all := []string{}
	for item := range strings.SplitSeq(text, ",") {
		if item = strings.TrimSpace(item); item != "" {
			all = append(all, item)
		}
	}
	return all
}

// Parse reads a value as people type it: a list is parted by commas, or by blanks where its items hold none, a choice is true or false, oui or non, yes
// or no.
func Parse(name, text string) (any, error) {
	k, _, ok := lookup(name)
	if !ok {
		return nil, Refused{{Key: name, Why: NotSettable}}
	}
	switch k.form {
	case listForm:
		return k.list(text), nil
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
