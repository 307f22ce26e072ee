package child

import (
	"context"
	"io/fs"
	"path"
	"slices"

	"syncbox/connectors"
	"syncbox/connectors/acomba"
	"syncbox/connectors/acomba/layout"
	"syncbox/connectors/bob50"
	"syncbox/connectors/sage50fr"
	"syncbox/connectors/share"
	way "syncbox/connectors/share/survey"
	"syncbox/connectors/share/survey/smb"
	"syncbox/firmware/internal/survey"
)

// to begins the way to a target; companies on it are Acomba's.
func (w *work) to(t survey.Target, layouts []*layout.Layout) *way.Way {
	companies := func(ctx context.Context, share fs.FS, folder string) ([]survey.Company, error) {
		found, err := acomba.Companies(ctx, share, folder, layouts, nil)
		var all []survey.Company
		for _, f := range found {
			all = append(all, survey.Company(f))
		}
		return all, err
	}
	return &way.Way{Target: t, LogOn: smb.LogOn, Companies: companies, Told: w.result}
}

func (w *work) steps(r survey.StepsRequest) error {
	if r.BOB50 {
		return w.stepsOfBOB50(r.Target)
	}
	if r.Sage50 {
		return w.stepsOfSage50(r.Target)
	}
	layouts, err := acomba.LayoutFile(r.Layout)
	if err != nil {
		return err
	}
	to := w.to(r.Target, layouts)
	defer to.Close()
	to.Go(w.ctx, way.StageCompanies)
	return nil
}

// stepsOfBOB50 goes the way to companies of Sage BOB 50, and tells which folders may hold their backups.
func (w *work) stepsOfBOB50(t survey.Target) error {
	var backups []string
	companies := func(ctx context.Context, share fs.FS, folder string) (all []survey.Company, err error) {
		var found []bob50.Found
		found, backups, err = bob50.Companies(ctx, share, folder)
		for _, f := range found {
			all = append(all, survey.Company{Folder: f.Folder, Version: f.Generation})
		}
		return all, err
	}
	told := func(r survey.Result) {
		if r.Stage == way.StageCompanies {
			r.Folders = backups
		}
		w.result(r)
	}
	to := &way.Way{Target: t, LogOn: smb.LogOn, Companies: companies, Told: told}
	defer to.Close()
	to.Go(w.ctx, way.StageCompanies)
	return nil
}

// stepsOfSage50 goes the way to exchange folders of Sage 50, and tells which exports they lack.
func (w *work) stepsOfSage50(t survey.Target) error {
	companies := func(ctx context.Context, share fs.FS, folder string) (all []survey.Company, err error) {
		found, err := sage50fr.Dossiers(ctx, share, folder)
		for _, f := range found {
			missing := slices.DeleteFunc(sage50fr.Kinds(), func(kind string) bool { return slices.Contains(f.Kinds, kind) })
			all = append(all, survey.Company{Folder: f.Folder, Missing: missing})
		}
		return all, err
	}
	to := &way.Way{Target: t, LogOn: smb.LogOn, Companies: companies, Told: w.result}
	defer to.Close()
	to.Go(w.ctx, way.StageCompanies)
	return nil
}

func (w *work) probes(r survey.ProbesRequest) error {
	cfg := acomba.Defaults()
	cfg.Folder, cfg.Version = path.Join(".", r.Folder), r.Version
	var err error
	if cfg.Layouts, err = acomba.LayoutFile(r.Layout); err != nil {
		return err
	}
	to := w.to(r.Target, nil)
	defer to.Close()
	if !to.Go(w.ctx, way.StageFolder) {
		return nil
	}
	report, err := acomba.Examine(w.ctx, cfg, to.Share, w.bytes())
	if err == nil {
		w.tell(survey.Line{Report: &report})
	}
	return err
}

// bytes gives a progress that tells every full percent once.
func (w *work) bytes() func(done, total int64) {
	last := int64(-1)
	return func(done, total int64) {
		if percent := 100 * done / max(total, 1); percent != last {
			last = percent
			w.progress(int(percent), 100)
		}
	}
}

// find searches the share where the company was, then the others but those of the administration.
func (w *work) find(r survey.FindRequest) error {
	layouts, err := acomba.LayoutFile(r.Layout)
	if err != nil {
		return err
	}
	s := search{work: w, identity: r.Identity, layouts: layouts}
	to := w.to(r.Target, nil)
	defer to.Close()
	var others []survey.Share
	to.Told = func(r survey.Result) {
		w.result(r)
		others = slices.Concat(others, r.Shares)
	}
	if !to.Go(w.ctx, way.StageShares) {
		return nil
	}
	names := []string{r.Share}
	for _, one := range others {
		if !one.Special && one.Name != r.Share {
			names = append(names, one.Name)
		}
	}
	for _, name := range names {
		if name == "" {
			continue
		}
		if err := s.share(to.Session, name); err != nil {
			w.result(way.Failed(way.StageShare, r.Target, err))
			break
		}
	}
	return nil
}

// search is a look for one company on all shares of a server.
type search struct {
	*work
	identity survey.Identity
	layouts  []*layout.Layout
	folders  int // looked into on the shares before
}

// share searches one share; one that does not open is left out. The error is that of the whole search.
func (s *search) share(session way.Session, name string) error {
	files, err := session.Open(s.ctx, name)
	if err != nil {
		return lost(err)
	}
	seen := 0
	found, err := acomba.Companies(s.ctx, files, ".", s.layouts, func(folders int) {
		seen = folders
		s.progress(s.folders+seen, 0)
	})
	s.folders += seen
	if err != nil {
		return lost(err)
	}
	for _, f := range found {
		cfg := acomba.Defaults()
		cfg.Folder, cfg.Layouts = f.Folder, s.layouts
		agree, err := s.identity.Agree(s.ctx, cfg, files)
		if err := lost(err); err != nil {
			return err
		}
		if of := len(s.identity.Signs); agree > 0 {
			s.tell(survey.Line{Candidate: &survey.Candidate{Share: name, Company: survey.Company(f), Agree: agree, Of: of,
				Sure: of >= 4 && 4*agree >= 3*of}})
		}
	}
	return nil
}

// lost gives an error that ends the whole search: that of a server that is gone.
func lost(err error) error {
	if err != nil && connectors.CodeOf(err) == share.CodeUnreachable {
		return err
	}
	return nil
}
