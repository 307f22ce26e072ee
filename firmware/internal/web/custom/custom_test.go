package custom_test

import (
	"context"
	"html"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors"
	"syncbox/connectors/pairs"
	"syncbox/connectors/record"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/local"
	"syncbox/firmware/internal/web/custom"
	"syncbox/firmware/internal/web/page"
	"syncbox/firmware/internal/web/session"
	"syncbox/sync/engine"
)

// box is a box whose products have fields that people have added.
type box struct{ jobs []local.JobStatus }

func (b *box) Status(context.Context) ([]local.JobStatus, error) { return b.jobs, nil }

// open is a door for everybody.
type open struct{}

func (open) Check(string) error { return nil }

// visitor is somebody at the page of a box whose configuration is a file.
type visitor struct {
	t      *testing.T
	h      http.Handler
	cookie *http.Cookie
	path   string
}

func visit(t *testing.T) *visitor {
	t.Helper()
	dir := t.TempDir()
	v := &visitor{t: t, path: filepath.Join(dir, "syncbox.toml")}
	for _, name := range []string{"syncbox.toml", "secrets.toml"} {
		text, err := os.ReadFile(filepath.Join("../../../../testdata/config", name))
		if err == nil {
			whole, _, _ := strings.Cut(string(text), "\n# Champ que le site a ajouté") // which is one of nobody's
			err = os.WriteFile(filepath.Join(dir, name), []byte(whole), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	b := &box{jobs: []local.JobStatus{{Job: v.job().Name, Names: connectors.Names{ERP: "BOB 50", CRM: "Sage CRM"}, Status: engine.Status{
		Custom: map[record.Entity][2][]connectors.CustomColumn{record.Account: {
			{{Name: "custom.C_SECTOR", Title: "C_SECTOR", Kind: record.Text}, {Name: "custom.C_SCORE", Title: "C_SCORE", Kind: record.Number}, {Name: "custom.C_ALONE", Kind: record.Text}},
			{{Name: "comp_sector", Title: "Secteur <b>"}, {Name: "comp_score"}, {Name: "comp_other"}}}}}}}}
	site := &page.Site{Face: func() page.Face { return page.Face{Name: "syncbox-7q2k", Language: "fr-CA", Zone: time.UTC} },
		Sessions: session.New(open{}, time.Now), Log: slog.New(slog.NewTextHandler(t.Output(), nil))}
	m := page.NewMux(site)
	(&custom.Pages{Site: site, Box: b, Settings: config.NewWriter(v.path, nil), Draft: func() (config.Config, error) { return config.LoadDraft(v.path) }}).Routes(m)
	v.h = m.Handler()
	var err error
	if v.cookie, err = site.Sessions.Open("", false); err != nil {
		t.Fatal(err)
	}
	return v
}

// job is the first job as it is configured now.
func (v *visitor) job() config.Job {
	v.t.Helper()
	c, err := config.Load(v.path)
	if err != nil {
		v.t.Fatal(err)
	}
	return c.Jobs[0]
}

func (v *visitor) ask(r *http.Request) (code int, to, text string) {
	r.Host = "syncbox-7q2k"
	if v.cookie != nil {
		r.AddCookie(v.cookie)
	}
	w := httptest.NewRecorder()
	v.h.ServeHTTP(w, r)
	return w.Code, w.Header().Get("Location"), w.Body.String()
}

func (v *visitor) get(path string, wants ...string) string {
	v.t.Helper()
	code, _, text := v.ask(httptest.NewRequest(http.MethodGet, path, nil))
	if code != http.StatusOK {
		v.t.Errorf("%s: %d", path, code)
	}
	for _, want := range wants {
		if !strings.Contains(html.UnescapeString(text), want) {
			v.t.Errorf("%s: no %q in\n%s", path, want, text)
		}
	}
	return text
}

func (v *visitor) post(path string, form url.Values) (code int, to, text string) {
	v.t.Helper()
	_, _, at := v.ask(httptest.NewRequest(http.MethodGet, "/custom", nil))
	if m := regexp.MustCompile(`name="token" value="([^"]+)"`).FindStringSubmatch(at); m != nil {
		form.Set("token", m[1])
	}
	form.Set("job", v.job().Name)
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return v.ask(r)
}

// The page shows the fields that both sides have, off until somebody ticks them; what is ticked is kept, and taken back.
//
// Requirement: BOB-15, BOB-16, BOB-26
func TestSelected(t *testing.T) {
	v := visit(t)
	text := v.get("/custom", "Champs personnalisés", "Sél.", "C_SECTOR", "Secteur <b>", "comp_score", "Texte (String)", "Nombre", "Vers Sage CRM")
	if strings.Contains(text, "checked") || strings.Contains(text, "Secteur <b>") || strings.Contains(text, `value="custom-c_alone"`) {
		t.Errorf("one is ticked, a name became markup, or one without a counterpart is listed:\n%s", text)
	}
	for _, ticked := range [][]string{{"custom-c_sector"}, {"custom-c_sector", "custom-c_score"}, nil} {
		if code, to, _ := v.post("/custom", url.Values{"sel": ticked}); code != http.StatusSeeOther || !strings.HasPrefix(to, "/custom?job=") {
			t.Errorf("%v: %d to %s", ticked, code, to)
		}
		var got []string
		for _, c := range v.job().Custom {
			if c.Sync {
				got = append(got, c.Name)
			}
		}
		if len(got) != len(ticked) || strings.Count(v.get("/custom"), "checked") != len(ticked) {
			t.Errorf("ticked %v, kept %v", ticked, got)
		}
	}
}

// The lower part keeps how a text is synchronised and of which records; conditions are added one by one, and taken away.
//
// Requirement: BOB-17, BOB-18
func TestAdapted(t *testing.T) {
	v := visit(t)
	v.get("/custom?field=custom-c_sector", "Majuscules et minuscules", "est l'une de", "≥", "Une valeur vide")
	if text := v.get("/custom?field=custom-c_score"); strings.Contains(text, `name="case"`) {
		t.Error("a number has letters")
	}
	form := url.Values{"name": {"custom-c_sector"}, "way": {"both"}, "empty": {"clear"}, "trim": {"yes"}, "case": {"upper"}, "long": {"cut"}, "values": {"A = Agriculture; L=Lait"},
		"new-field": {"custom.C_SCORE"}, "new-operator": {">="}, "new-value": {"10"}}
	if code, to, text := v.post("/custom/field", form); code != http.StatusSeeOther || !strings.Contains(to, "field=custom-c_sector") {
		t.Fatalf("%d to %s\n%s", code, to, text)
	}
	form.Set("new-field", "custom.C_ALONE")
	form.Set("new-operator", "one-of")
	form.Set("new-value", "x | y;z")
	v.post("/custom/field", form)
	score := connectors.Condition{Field: "custom.C_SCORE", Op: connectors.AtLeast, Values: []string{"10"}}
	alone := connectors.Condition{Field: "custom.C_ALONE", Op: connectors.OneOf, Values: []string{"x", "y", "z"}}
	want := pairs.CustomField{ERP: "custom.C_SECTOR", CRM: "comp_sector", Kind: record.Text, Direction: pairs.BothWay, Clear: true, Only: []connectors.Condition{score, alone},
		Text: connectors.TextRule{Trim: true, Case: connectors.CaseUpper, Long: connectors.LongCut, Codes: map[string]string{"A": "Agriculture", "L": "Lait"}}}
	if diff := cmp.Diff(want, v.job().Custom[0].CustomField); diff != "" {
		t.Error(diff)
	}
	v.get("/custom?field=custom-c_sector&lang=en", "C_SCORE ≥ 10", "A=Agriculture; L=Lait", "Take away the condition")
	form.Del("new-field")
	form["remove"] = []string{"0"}
	v.post("/custom/field", form)
	if got := v.job().Custom[0].Only; !cmp.Equal(got, []connectors.Condition{alone}) {
		t.Errorf("left: %v", got)
	}
}

// What makes no sense is said, and nothing is changed; nobody changes anything without having logged on, or by GET.
//
// Requirement: BOB-17, BOB-18
func TestRefused(t *testing.T) {
	v := visit(t)
	base := url.Values{"name": {"custom-c_sector"}, "way": {"to-crm"}, "empty": {"leave"}, "case": {"as-is"}, "long": {"refuse"}}
	for name, change := range map[string]url.Values{
		"no direction":            {"way": {"up"}},
		"half a value":            {"values": {"A="}},
		"no operator":             {"new-field": {"custom.C_SCORE"}, "new-operator": {"like"}, "new-value": {"1"}},
		"a condition without end": {"new-field": {"custom.C_SCORE"}, "new-operator": {"between"}, "new-value": {"1"}},
		"no such field":           {"name": {"nothing"}},
	} {
		form := url.Values{}
		for _, from := range []url.Values{base, change} {
			for k, x := range from {
				form[k] = x
			}
		}
		if code, _, _ := v.post("/custom/field", form); code != http.StatusUnprocessableEntity && code != http.StatusNotFound {
			t.Errorf("%s: %d", name, code)
		}
	}
	if code, _, _ := v.post("/custom/add", url.Values{"erp": {"custom.C_ALONE"}, "crm": {"comp_gone"}}); code != http.StatusUnprocessableEntity {
		t.Errorf("a field that is not there: %d", code)
	}
	if n := len(v.job().Custom); n != 0 {
		t.Errorf("%d fields were kept", n)
	}
	if code, _, _ := v.post("/custom/add", url.Values{"erp": {"custom.C_ALONE"}, "crm": {"comp_other"}}); code != http.StatusSeeOther {
		t.Errorf("by hand: %d", code)
	}
	if all := v.job().Custom; len(all) != 1 || all[0].CRM != "comp_other" || all[0].Sync {
		t.Errorf("by hand: %+v", all)
	}
	if code, _, _ := v.ask(httptest.NewRequest(http.MethodGet, "/custom?job=nobody", nil)); code != http.StatusNotFound {
		t.Errorf("another job: %d", code)
	}
	stranger := &visitor{t: t, h: v.h, path: v.path}
	if code, to, _ := stranger.ask(httptest.NewRequest(http.MethodGet, "/custom", nil)); code != http.StatusSeeOther || !strings.HasPrefix(to, "/login") {
		t.Errorf("a stranger: %d to %s", code, to)
	}
	if code, _, _ := stranger.post("/custom", url.Values{"sel": {"custom-c_sector"}}); code != http.StatusForbidden {
		t.Errorf("a stranger's tick: %d", code)
	}
}
