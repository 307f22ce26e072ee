package sim

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/engine"
)

// calmLine is behind everything that a script does.
const calmLine = "from here on nothing breaks any more"

// effects are, for each deed, what a history shows while the script goes on if it was more than drawn: that it was done, and where the box
// can notice, that it did.
var effects = map[Deed][]string{
	EditERP:      {` a person changes .* in the erp: `},
	EditCRM:      {` a person changes .* in the crm: `},
	NewCard:      {` a new card in the ERP: `},
	NewAccount:   {` a new account in the CRM: `, ` a new contact in the CRM: `},
	NewDocument:  {` a new document in the ERP: `},
	NewUser:      {` a new user in the ERP: `},
	LoseRequest:  {`  answer lost$`},
	DelayRequest: {`  request late$`},
	LimitRequest: {`  429$`, ` people switch the box off$`},
	BreakRequest: {`  500$`},
	Down: {` erp \w+: not reachable$`, ` crm \w+: not reachable$`, ` erp \w+: not reachable\n(?s:.*)the feed of the erp does not reach back$`,
		` crm \w+: not reachable\n(?s:.*)the feed of the crm does not reach back$`},
	Crash:        {` POWER CUT .*\(commit\)$`, ` POWER CUT .*\(committed\)$`, ` POWER CUT .*\(apply\)$`, ` POWER CUT .*\(done apply\)$`},
	DeleteCRM:    {` a person deletes .* in the CRM, for ""$`, ` waits \S+/deleted/`},
	MergeCRM:     {` a person deletes .* in the CRM, for "[^"]`, ` a person merges .* known true$`, ` a person merges .* known false$`},
	PassContact:  {` the first contact of account `},
	DeleteCard:   {` a person deletes the card `, ` journal \d+: record-deactivated `},
	ReuseCard:    {` the place \S+ goes to another customer$`},
	LockRecord:   {` has \w+ \d+ open in the erp$`, ` has \w+ \d+ open in the crm$`},
	HoldRecord:   {` can't be taken as it is$`, ` waits .* erp-unknown-code$`},
	RefuseRecord: {` is refused by both products$`, ` waits .* erp-refused$`, ` waits .* crm-refused$`},
	TakeBackup:   {` a backup of the ERP is taken$`},
	RestoreERP:   {` what it was at the last backup$`, ` waits \S+/hold/`},
	JumpClock:    {` wrong by -\d{4,}h`, ` wrong by \d{4,}h`, ` wrong by -1h`, ` wrong by 1h`, ` wrong by 0s$`},
	LoseList:     {`  a list of the crm is gone$`},
	RefuseLogOn:  {`  erp refuses the log-on$`, `  crm refuses the log-on$`},
	Command:      {` person: retry all$`, ` person: force $`, ` person: stop $`, ` person: start $`},
	Answer:       {` person: (recreate|dismiss|allow|other) `},
	KeyList:      {` a person keys \w+ of `, ` a person keys a card: `},
	FallBack:     {` way \d+\n(?s:.*) waits \S+/handoff/`},
	BreakOff:     {`  erp \w+ breaks off$`, `  crm \w+ breaks off$`},
	HideRecord:   {` the ERP does not show `, ` reads of the ERP leave out `},
	MassEdit:     {` all customers of the erp$`, ` all customers of the crm$`, ` waits 0/brake/`},
	GiveIdentity: {` gives \S+ of the CRM the external id `},
	LoseIdentity: {` clears the external id `},
	TypeWide:     {` to ".* and so on"$`, ` waits \S+/refused/`},
	Resync: {` person: resync-1 $`, ` person: resync-1 now$`, ` person: resync-2 $`, ` person: resync-2 now$`, ` person: resync-go $`, ` person: resync-cancel $`,
		` journal \d+: resync-complete `},
	MergeCards:     {` a person merges the customer .* in the ERP into `, ` waits \S+/quarantine/: account .* erp-merge-suspected$`, ` waits \S+/quarantine/: document .* erp-merge-suspected$`},
	PutAside:       {` in the erp: active from "true" to "false"$`, ` in the erp: active from "false" to "true"$`},
	Invoice:        {` a person makes the invoice `},
	DeleteDocument: {` a person deletes the document `},
	TakeName:       {` cloud: the name is another customer's: `, ` waits .* erp-name-taken$`},
	DeleteItem:     {` a person deletes \w+ \d+ \(\S+\) in the erp$`, ` a person deletes \w+ \d+ \(\S+\) in the crm$`, ` waits .* deleted-and-edited$`},
	DeleteMany:     {` waits 0/brake/.* mass-delete$`},
	PutAway:        {` journal \d+: record-archived `},
	MoveItem:       {` a person moves .* of the CRM: `, ` journal \d+: record-followed `},
	RestoreItem:    {` of the erp out of the bin$`, ` of the crm out of the bin$`},
	HidePrivate:    {` of the CRM is private$`, ` of the CRM is not private any more$`},
	AskFor: {` Stage from "draft" to "ask"$`, ` Stage from "ask" to "draft"$`,
		` Stage from "ask" to "draft"\n(?s:.*) journal \d+: handoff-superseded `},
}

// kinds are how an ERP is written, and what the box calls there and nowhere else.
var kinds = map[ERPKind]string{Resolving: " erp resolve", Plain: " erp apply", ByHand: " a person keys ", ReadOnly: " crm apply", Cloud: " cloud: "}

// cloudWays are what an ERP in the cloud does and no other.
var cloudWays = map[string]string{"feed cut off": "the feed may be cut off", "month used": "the vendor refuses reads until the month ends",
	"allowance used": "the reads of the month are used up", "longer pause": "asks for a longer pause", "stale version": "the version is not the one of ",
	"request again": "a request is answered as it was before", "merged away": "merges the customer", "merge confirmed": "was merged, a person says",
	"write to one put aside": " erp-record-missing$", "edits go on": "records are read for a write alone"}

// answers are what people say to the box, if only at the end, and what mostly leads to the question.
var answers = map[string]Deed{" person: recreate ": DeleteCRM, " person: dismiss ": EditCRM, " person: keep-erp ": EditCRM, " person: keep-crm ": EditCRM,
	" person: allow ": MassEdit, " person: accept ": RestoreERP, " person: same ": Resync, " person: other ": ReuseCard,
	" person: relink ": MergeCards}

// missing is what no world has shown yet.
type missing map[string]bool

// newMissing gives everything that worlds must show.
func newMissing(t *testing.T) missing {
	m := missing{"backup, start 11-21, clock changed by 0 s": true, "backup, start 11-01, clock changed by -3600 s": true,
		"backup, start 03-08, clock changed by 3600 s": true, "rule 0, erp stays": true, "rule 1, crm stays": true,
		"rule 2, erp stays": true, "rule 2, crm stays": true, "rule 3, asks": true}
	for d := range deeds {
		if len(effects[d]) == 0 {
			t.Errorf("nobody says how to see %q", deedNames[d])
		}
		for _, pattern := range effects[d] {
			m[nameOf(d, pattern)] = true
		}
	}
	for words := range answers {
		m[words] = true
	}
	for way := range cloudWays {
		m["cloud, "+way] = true
	}
	for k := range Cloud + 1 {
		m[erpName(k)] = true
	}
	for name := range confirmEffects {
		m[name] = true
	}
	m["confirm always"], m["confirm first"] = true, true
	return m
}

func erpName(k ERPKind) string { return fmt.Sprintf("ERP %d", k) }

func nameOf(d Deed, pattern string) string { return deedNames[d] + ":" + pattern }

// may says whether a world might show what is missing. Rules may do so in any.
func (m missing) may(s *Spec) bool {
	for name := range m {
		switch kind, _, _ := strings.Cut(name, " "); {
		case kind == "ERP" && name == erpName(s.Shape.ERP), kind == "backup," && s.Shape.Backup, kind == "rule", kind == "cloud," && s.Shape.ERP == Cloud,
			strings.HasPrefix(kind, "confirm") && s.Shape.Set.Confirm != engine.ConfirmNever:
			return true
		}
		deed, answer := answers[name]
		if answer && slices.ContainsFunc(s.Script, func(step Step) bool { return step.Do == deed }) {
			return true
		}
	}
	return slices.ContainsFunc(s.Script, func(step Step) bool {
		return slices.ContainsFunc(effects[step.Do], func(pattern string) bool { return m[nameOf(step.Do, pattern)] })
	})
}

// deeds takes out the effects of a script. A deed that the script does not have has none: much looks the same whoever did it.
func (m missing) deeds(s *Spec, history string) {
	during, _, _ := strings.Cut(history, calmLine)
	for _, step := range s.Script {
		for _, pattern := range effects[step.Do] {
			if name := nameOf(step.Do, pattern); m[name] && regexp.MustCompile(`(?m)`+pattern).MatchString(during) {
				delete(m, name)
			}
		}
	}
	for words := range answers {
		if strings.Contains(history, words) {
			delete(m, words)
		}
	}
}

// settled is a conflict of an account that was settled by a rule, open one that waits for a person.
var (
	settled = regexp.MustCompile(`conflict-settled \S+ account .*field:(\w+) .*won:(erp|crm)`)
	open    = regexp.MustCompile(`waits \d+/conflict/(\w+): account`)
)

// shape takes out what a world was like, where that made a difference in it.
func (m missing) shape(w *world, history string) {
	if strings.Contains(history, kinds[w.shape.ERP]) {
		delete(m, erpName(w.shape.ERP))
	}
	for way, pattern := range cloudWays {
		if m["cloud, "+way] && w.cloud != nil && regexp.MustCompile(`(?m)`+pattern).MatchString(history) {
			delete(m, "cloud, "+way)
		}
	}
	begin := w.shape.Start.In(toronto)
	_, from := begin.Zone()
	_, to := w.right().In(toronto).Zone()
	if w.shape.Backup {
		delete(m, fmt.Sprintf("backup, start %s, clock changed by %d s", begin.Format("01-02"), to-from))
	}
	rule := func(field string) connectors.Wins {
		for _, f := range w.book.fields[record.Account] {
			if f.CRM == field {
				return f.Conflict
			}
		}
		return connectors.AskPerson
	}
	for _, c := range settled.FindAllStringSubmatch(history, -1) {
		delete(m, fmt.Sprintf("rule %d, %s stays", rule(c[1]), c[2]))
	}
	for _, c := range open.FindAllStringSubmatch(history, -1) {
		delete(m, fmt.Sprintf("rule %d, asks", rule(c[1])))
	}
}

// TestWorldsShowAll: some thousand worlds show everything that worlds are made of, and that it made a difference. A deed that is
// drawn and does nothing tries nothing.
func TestWorldsShowAll(t *testing.T) {
	m := newMissing(t)
	drawn, played := 0, 0
	for ; drawn < 4400 && len(m) > 0; drawn++ {
		seed := 1 + uint64(drawn)
		switch drawn % 11 {
		case 0:
			seed = firstMailed + uint64(drawn/11)
		case 1:
			seed = firstHanded + uint64(drawn/11)
		}
		s := Draw(seed, true)
		if !m.may(&s) {
			continue
		}
		played++
		s.Trace = true
		w := newWorld(&s)
		w.run()
		history := w.history.String()
		m.deeds(&s, history)
		m.shape(w, history)
		m.confirms(w, history)
	}
	for _, what := range slices.Sorted(maps.Keys(m)) {
		t.Errorf("never seen: %s", what)
	}
	t.Logf("%d of %d worlds were played", played, drawn)
}
