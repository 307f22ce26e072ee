package locale

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/pairs"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/health"
	"syncbox/firmware/internal/panel"
	"syncbox/ota/update"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

// printers gives one printer for each language.
func printers(t *testing.T) map[string]*Printer {
	t.Helper()
	all := map[string]*Printer{}
	for _, tag := range Languages {
		p, err := New(tag.String(), nil)
		if err != nil {
			t.Fatal(err)
		}
		all[tag.String()] = p
	}
	return all
}

// gaps gives the placeholders of a text, sorted.
func gaps(e entry) []string {
	all := regexp.MustCompile(`\{[a-z]+\}|%\[\d\]\w`).FindAllString(e.other, -1)
	slices.Sort(all)
	return slices.Compact(all)
}

func TestLanguagesHaveTheSameKeysAndPlaceholders(t *testing.T) {
	fr, en := printers(t)["fr-CA"], printers(t)["en"]
	if diff := cmp.Diff(fr.Keys(), en.Keys()); diff != "" {
		t.Errorf("keys (-fr +en):\n%s", diff)
	}
	for _, key := range fr.Keys() {
		if diff := cmp.Diff(gaps(fr.texts[key]), gaps(en.texts[key])); diff != "" {
			t.Errorf("%s: placeholders (-fr +en):\n%s", key, diff)
		}
		if (fr.texts[key].one == "") != (en.texts[key].one == "") {
			t.Errorf("%s: a plural in one language only", key)
		}
	}
}

func TestEveryTextIsWhole(t *testing.T) {
	for tag, p := range printers(t) {
		for _, key := range p.Keys() {
			e := p.texts[key]
			for _, text := range []string{e.other, e.one} {
				if strings.TrimSpace(text) != text || strings.Contains(text, "  ") || strings.ContainsAny(text, "\t\n") {
					t.Errorf("%s %s: blanks in %q", tag, key, text)
				}
				if strings.ContainsAny(placeholder.ReplaceAllString(text, ""), "{}") {
					t.Errorf("%s %s: braces that are no placeholder in %q", tag, key, text)
				}
			}
			if e.other == "" {
				t.Errorf("%s %s: empty", tag, key)
			}
			if e.one != "" && !strings.Contains(e.one, "%[1]d") {
				t.Errorf("%s %s: the singular has no number", tag, key)
			}
			said := strings.HasPrefix(key, "code.") || strings.HasPrefix(key, "do.")
			if said && !strings.HasSuffix(e.other, ".") {
				t.Errorf("%s %s: %q is no sentence", tag, key, e.other)
			}
		}
	}
}

// French as Quebec writes it: a narrow no-break space before a colon, no-break spaces inside guillemets,
// nothing before the other marks.
func TestFrenchTypography(t *testing.T) {
	bad := regexp.MustCompile(`[^\x{202f}]:|[ \x{a0}\x{202f}][;!?]|«[^\x{a0}]|[^\x{a0}]»|"|’`)
	fr := printers(t)["fr-CA"]
	for _, key := range fr.Keys() {
		text := regexp.MustCompile(`\d:\d|://`).ReplaceAllString(fr.texts[key].other, "") // times and addresses
		if found := bad.FindString(text); found != "" {
			t.Errorf("%s: %q in %q", key, found, fr.texts[key].other)
		}
	}
}

// Requirement: ACO-89
func TestEveryConditionSaysWhatIsWrongAndWhatToDo(t *testing.T) {
	for tag, p := range printers(t) {
		for _, c := range health.All() {
			for _, prefix := range []string{"code.", "do."} {
				e, ok := p.texts[prefix+c.Code]
				if !ok {
					t.Errorf("%s: no text %s%s", tag, prefix, c.Code)
				}
				for _, gap := range told(e) {
					if !slices.Contains(c.Args, strings.Trim(gap, "{}")) {
						t.Errorf("%s %s%s: nobody tells %s", tag, prefix, c.Code, gap)
					}
				}
			}
		}
	}
}

func TestEveryTextOfACodeHasItsCode(t *testing.T) {
	fr := printers(t)["fr-CA"]
	for _, key := range fr.Keys() {
		for _, prefix := range []string{"code.", "do."} {
			if code, is := strings.CutPrefix(key, prefix); is {
				if _, known := health.Lookup(code); !known {
					t.Errorf("%s is about no code", key)
				}
			}
		}
		if code, is := strings.CutPrefix(key, "event."); is && !slices.Contains(health.Events(), code) {
			t.Errorf("%s is about no event", key)
		}
	}
}

func TestEverythingShownHasWords(t *testing.T) {
	var want []string
	for _, code := range health.Events() {
		want = append(want, "event."+code)
	}
	for _, service := range []engine.Service{engine.Running, engine.Stopped, engine.Blackout, "down"} {
		want = append(want, "service."+string(service))
	}
	for _, outcome := range []engine.Outcome{engine.Never, engine.Working, engine.Success, engine.Waits, engine.Halted} {
		want = append(want, "way."+string(outcome))
	}
	for _, direction := range []store.Direction{store.ToCRM, store.ToERP} {
		want = append(want, "direction."+string(direction))
	}
	for _, kind := range []store.WaitKind{store.Quarantine, store.Reference, store.HandedOff, store.Refused, store.Conflicted,
		store.Difference, store.Deleted, store.Identity, store.Brake, store.Held} {
		want = append(want, "wait."+string(kind))
	}
	for _, phase := range []store.RepairPhase{store.RepairPreview, store.RepairReady, store.RepairSettle, store.RepairForget, store.RepairMatch, store.RepairMark, store.RepairCompare} {
		want = append(want, "resync."+string(phase))
	}
	for _, phase := range []store.RepairPhase{store.RepairPreview, store.RepairForget, store.RepairMatch, store.RepairMark} {
		want = append(want, "phase.resync-"+string(phase))
	}
	for _, verb := range []string{"create", "update", "delete"} {
		for _, object := range []string{"cor", "tsk", "cll", "bap"} {
			want = append(want, "verb."+verb+"-"+object)
		}
	}
	for _, severity := range []health.Severity{health.Info, health.Waits, health.Person, health.Trouble} {
		want = append(want, "severity."+severity.String())
	}
	for _, light := range health.Lights() {
		want = append(want, "light."+light.String())
	}
	for _, action := range []panel.Action{panel.Sync, panel.Restart, panel.PowerOff, panel.ResetNetwork, panel.Resync, panel.FullReset} {
		want = append(want, "action."+string(action))
	}
	for _, by := range []panel.By{panel.Button, panel.Support, panel.Console, panel.Page} {
		want = append(want, "by."+string(by))
	}
	for _, topic := range config.Topics() {
		want = append(want, "want."+topic)
	}
	for _, doing := range []update.Doing{update.Looking, update.Held, update.Downloading, update.Verifying, update.Restarting, update.OnTrial,
		update.Compared} {
		want = append(want, "update.doing-"+string(doing))
	}
	for _, side := range []health.Side{health.Box, health.ERP, health.CRM} {
		want = append(want, "side."+string(side))
	}
	for _, rule := range slices.Concat(pairs.AcombaCentrixOne(pairs.AcombaCentrixOneOptions{}).Entities,
		pairs.QuickBooksCentrixOne(pairs.QuickBooksCentrixOneOptions{}).Entities,
		pairs.SageX3Outlook(pairs.SageX3OutlookOptions{Rights: pairs.Everything(), Owners: true}).Entities,
		pairs.Sage50SalesManagement(pairs.Sage50SalesManagementOptions{SendClients: true, Representatives: true}).Entities) {
		want = append(want, "entity."+string(rule.Entity), "phase."+string(rule.Entity))
		for _, f := range rule.Fields {
			want = append(want, "field."+f.ERP, "field."+f.CRM)
		}
	}
	for tag, p := range printers(t) {
		for _, key := range want {
			if !p.Has(key) {
				t.Errorf("%s: no text %s", tag, key)
			}
		}
	}
}

// What users of the older synchroniser know, to the letter.
//
// Requirement: ACO-79, ACO-85, ACO-86, ACO-87
func TestKnownWords(t *testing.T) {
	fr := printers(t)["fr-CA"].Of(pairs.Names("acomba-centrixone"))
	for key, want := range map[string]string{
		"service.running":       "En fonction",
		"service.stopped":       "ARRÊTÉ",
		"way.success":           "Complétée avec succès",
		"direction.erp-crm":     "Acomba -> CRM",
		"direction.crm-erp":     "CRM -> Acomba",
		"code.crm-server-error": "Erreur de communication avec l'API. 500 Internal Server Error.",
	} {
		if got := fr.Text(key, nil); got != want {
			t.Errorf("%s: got %q, want %q", key, got, want)
		}
	}
}

// What X3 refuses is told in its own client's words, with the code of its trace.
//
// Requirement: X3-9, X3-10
func TestRefusedByX3(t *testing.T) {
	args := map[string]string{"object": "TSK", "verb": "create", "trace": "F364233"}
	fr, en := printers(t)["fr-CA"], printers(t)["en"]
	if got, want := fr.Text("code.x3-record-refused", args), "Message serveur distant\u202f: Erreur lors de la création d'une nouvelle tâche. "+
		"Code de la trace sur le serveur distant\u202f: F364233."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := en.Text("code.x3-record-refused", map[string]string{"object": "COR", "verb": "delete", "trace": ""}),
		"Message from the remote server: error during the deletion of a correspondent. Code of the trace on the remote server: –."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Every key that the programs name in full has a text.
func TestEveryKeyInTheProgramsHasAText(t *testing.T) {
	named := regexp.MustCompile(`\.(?:Text|Count)\("([a-z]+\.[a-z-]+)"`)
	found := 0
	all := printers(t)
	err := fs.WalkDir(os.DirFS("../.."), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(filepath.Join("../..", path))
		for _, m := range named.FindAllStringSubmatch(string(text), -1) {
			found++
			for tag, p := range all {
				if !p.Has(m[1]) {
					t.Errorf("%s: no text %s, which %s shows", tag, m[1], path)
				}
			}
		}
		return err
	})
	if err != nil || found < 10 {
		t.Errorf("%d keys found: %v", found, err)
	}
}
