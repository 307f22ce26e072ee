package setup

import (
	"net/http"

	"syncbox/connectors/pairs"
	"syncbox/connectors/record"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/web/page"
)

// rightsData is what the page of a user's rights shows (X3-3).
type rightsData struct {
	steps
	Login   string
	Verbs   []string // in words
	Objects []objectRights
	Notice  string
	OneWay  bool // nothing is written in X3
	First   bool // nobody has given any yet
}

// objectRights are the two rows of an object.
type objectRights struct {
	Name string
	Rows []rightsRow
}

type rightsRow struct {
	Name  string
	Error string
	ID    string
	Boxes []rightBox
	key   string // of its value
}

type rightBox struct {
	Name, Label string
	On          bool
	verb        string
}

var (
	rightVerbs   = []string{"create", "update", "delete"}
	rightObjects = []struct {
		name   string
		entity record.Entity
	}{{"contacts", record.Contact}, {"tasks", record.Task}, {"calls", record.Call}, {"appointments", record.Appointment}}
)

func (p *Pages) newRights(r *page.Request, j config.Job) *rightsData {
	t := r.P.Text
	d := &rightsData{steps: p.stepsAt(r, j, stepRights), Login: j.SageX3.User.Login, OneWay: !j.TwoWay, First: len(j.Rights) == 0}
	for _, verb := range rightVerbs {
		d.Verbs = append(d.Verbs, t("page.setup.right-"+verb, nil))
	}
	is := p.values()
	for _, o := range rightObjects {
		name := t("page.setup.rights-"+o.name, nil)
		object := objectRights{Name: name}
		for _, side := range []string{"outlook", "x3"} {
			key := o.name + "_to_" + side
			row := rightsRow{Name: t("page.setup.rights-to-"+side, nil), ID: key, key: "job." + j.Name + ".rights." + key}
			given := words(is[row.key])
			for i, verb := range rightVerbs {
				row.Boxes = append(row.Boxes, rightBox{Name: key + "-" + verb, Label: t("page.setup.right-of", map[string]string{"object": name, "side": row.Name, "verb": d.Verbs[i]}), On: given[verb], verb: verb})
			}
			object.Rows = append(object.Rows, row)
		}
		d.Objects = append(d.Objects, object)
	}
	return d
}

// words gives the words of a list as people type it.
func words(text string) map[string]bool {
	all := map[string]bool{}
	for _, word := range windows(text) {
		all[word] = true
	}
	return all
}

func (p *Pages) showRights(w http.ResponseWriter, r *page.Request, j config.Job) {
	p.Site.Show(w, r, set, http.StatusOK, "rights", "page.setup.title-rights", p.newRights(r, j))
}

// take reads the boxes. Changes of what X3 writes nowhere would be overwritten: they need both ways.
func (d *rightsData) take(r *page.Request) (changes []config.Change, ok bool) {
	ok = true
	everything := r.PostFormValue("everything") != ""
	for o := range d.Objects {
		var has [2]pairs.Rights
		for n := range d.Objects[o].Rows {
			row := &d.Objects[o].Rows[n]
			given := []string{}
			for i := range row.Boxes {
				box := &row.Boxes[i]
				if box.On = everything || r.PostFormValue(box.Name) != ""; box.On {
					given = append(given, box.verb)
				}
			}
			has[n].Update = row.Boxes[1].On
			changes = append(changes, config.Change{Key: row.key, Value: given})
		}
		if has[1].Update && !has[0].Update {
			d.Objects[o].Rows[1].Error, ok = r.P.Text("page.setup.rights-both", nil), false
		}
	}
	return changes, ok
}

// takeRights keeps the matrix, all of it or nothing.
func (p *Pages) takeRights(w http.ResponseWriter, r *page.Request, j config.Job) {
	d := p.newRights(r, j)
	changes, ok := d.take(r)
	if ok {
		d.Notice = p.refused(r, p.keep(append(changes, p.waits(j.Name)...)...), nil)
		ok = d.Notice == ""
	}
	if !ok {
		p.Site.Show(w, r, set, http.StatusUnprocessableEntity, "rights", "page.setup.title-rights", d)
		return
	}
	p.Site.Say(r, r.P.Text("page.setup.kept", nil))
	if d.First {
		on(w, r, j.Name, planOf(j).after(stepRights))
		return
	}
	http.Redirect(w, r.Request, "/setup", http.StatusSeeOther)
}
