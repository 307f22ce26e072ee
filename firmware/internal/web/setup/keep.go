package setup

import (
	"errors"
	"strings"

	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/journal"
	"syncbox/firmware/internal/panel"
	"syncbox/firmware/internal/web/page"
)

// keep sets values durably and has the box's journal tell which.
func (p *Pages) keep(changes ...config.Change) error {
	changed, err := p.Settings.Set(changes...)
	if err == nil && len(changed) > 0 {
		names := strings.Join(changed, ", ")
		p.Journal.Event(journal.SettingsSet, map[string]string{"by": string(panel.Page), "names": names})
		p.Site.Log.Info("page set values", "names", names)
	}
	return err
}

// changesOf gives changes of a job's values; names and values by turns.
func changesOf(job string, pairs ...any) []config.Change {
	var all []config.Change
	for i := 0; i+1 < len(pairs); i += 2 {
		all = append(all, config.Change{Key: "job." + job + "." + pairs[i].(string), Value: pairs[i+1]})
	}
	return all
}

// refused tells whether an error is that of values which were not taken.
func refused(err error) bool { _, is := errors.AsType[config.Refused](err); return is }

// refused puts the reasons of a refusal beside the fields whose values were refused, and gives what concerns none of them.
func (p *Pages) refused(r *page.Request, err error, fields map[string]*page.Field) (rest string) {
	if err == nil {
		return ""
	}
	all, ok := errors.AsType[config.Refused](err)
	if !ok {
		p.Site.Log.Error("page can't keep values", "err", err)
		return r.P.Text("page.setup.not-kept", nil)
	}
	p.Site.Log.Warn("page was refused values", "err", err)
	for _, x := range all {
		text := r.P.Text("setting."+string(x.Why), nil)
		if want := "want." + config.Topic(x.Key); x.Key != "" && r.P.Has(want) {
			text += " " + r.P.Text("console.want", map[string]string{"text": r.P.Text(want, nil)})
		}
		if f := fields[x.Key]; f != nil {
			f.Error = text
		} else if rest = text; x.Key == "" && x.Err != nil {
			rest += " (" + x.Err.Error() + ")"
		}
	}
	return rest
}
