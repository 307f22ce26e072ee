package waiting

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"unicode/utf8"

	"syncbox/firmware/internal/local"
	"syncbox/firmware/internal/web/page"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

// mostName bounds every field of an answer, in bytes.
const mostName = 400

// order is what a form asks for.
type order struct {
	place
	verb  engine.Verb
	name  string
	shown string // what was seen of it
	where string // the record, for what is told afterwards
	label string
}

// orderIn reads a form; ok is false where it is none of this page's.
func orderIn(r *page.Request) (o order, ok bool) {
	for _, name := range []string{"job", "from", "after", "verb", "name", "shown", "where", "choice"} {
		if v := r.PostFormValue(name); len(v) > mostName || !utf8.ValidString(v) {
			return o, false
		}
	}
	o = order{place: placeIn(r.PostForm), verb: engine.Verb(r.PostFormValue("verb")), name: r.PostFormValue("name"),
		shown: r.PostFormValue("shown"), where: r.PostFormValue("where")}
	if o.verb == engine.Retry && o.name == "all" {
		o.label = "page.waiting.retry-all"
		return o, true
	}
	id, kind, _, ok := store.ParseWaiting(o.name)
	o.label = label(o.verb, kind, r.PostForm.Has("new"), r.PostForm.Has("choice"))
	if choice := r.PostFormValue("choice"); choice != "" && o.verb == engine.Same {
		o.name = store.Waiting{Link: id, Kind: kind, Field: choice}.Name()
	}
	answers := append(engine.AnswersOf(store.Waiting{Kind: kind}), engine.Retry)
	return o, ok && o.shown != "" && slices.Contains(answers, o.verb)
}

// answer does what a person says, and leads back to the list, which tells what was done.
func (p *Pages) answer(w http.ResponseWriter, r *page.Request) {
	o, ok := orderIn(r)
	if !ok {
		p.Site.Message(w, r, http.StatusBadRequest, "page.refused.title", r.P.Text("page.waiting.no-such", nil))
		return
	}
	p.about(r, o.Job)
	err := p.ask(r.Context(), o)
	said := map[string]string{"what": r.P.Text(o.label, nil), "where": o.where}
	switch {
	case err == nil:
		p.Site.Log.Info("page answered what waits", "job", o.Job, "verb", o.verb, "name", o.name)
		if o.where == "" {
			p.Site.Say(r, r.P.Text("page.waiting.did-all", said))
			break
		}
		p.Site.Say(r, r.P.Text("page.waiting.did", said))
	case errors.Is(err, engine.ErrNoSuch):
		p.Site.Say(r, r.P.Text("page.waiting.gone", said))
	case errors.Is(err, engine.ErrChanged):
		p.Site.Say(r, r.P.Text("page.waiting.changed", said))
	case errors.Is(err, engine.ErrResync):
		p.Site.Say(r, r.P.Text("page.waiting.resync", nil))
	default:
		p.Site.Log.Warn("page answered what waits in vain", "job", o.Job, "verb", o.verb, "err", err)
		p.Site.Message(w, r, http.StatusConflict, "page.refused.title", r.Reason(err))
		return
	}
	http.Redirect(w, r.Request, o.address(), http.StatusSeeOther)
}

// ask has the job do it. Whatever the reason is now, it can be tried again; everything else answers what was shown.
// about has what is told name the products of a job, as far as that can be asked.
func (p *Pages) about(r *page.Request, job string) {
	all, _ := p.Box.Status(r.Context())
	if i := slices.IndexFunc(all, func(j local.JobStatus) bool { return j.Job == job }); i >= 0 {
		r.About(all[i].Names)
	}
}

func (p *Pages) ask(ctx context.Context, o order) error {
	if o.verb == engine.Retry {
		return p.Box.Do(ctx, o.Job, o.verb, o.name)
	}
	return p.Box.Answer(ctx, o.Job, o.verb, o.name, o.shown)
}
