package setup

import (
	"net/http"
	"strings"

	smb "syncbox/connectors/share/survey"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/survey"
	"syncbox/firmware/internal/web/page"
)

// wayData is what the page of the way to the company's folder shows.
type wayData struct {
	steps
	Asked    bool // a way was gone
	LoggedOn bool
	Stages   []stepShown
	Failed   bool
	Notice   *notice
	Share    *page.Field
	Folder   *page.Field
	Company  *page.Field
	Folders  *folders    // of BOB 50, instead of Company
	Exchange *page.Field // of Sage 50, instead of Company
}

// wayFields are the fields as they were filled in, if they were.
type wayFields struct {
	share, folder, company *page.Field
	folders                *folders
	exchange               *page.Field
}

// showWay shows what the way gave, and asks for the share, or for the company.
func (p *Pages) showWay(w http.ResponseWriter, r *page.Request, j config.Job) {
	l := p.last(r.Context())
	if l.running() {
		p.showWork(w, r, j, stepServer, l)
		return
	}
	p.way(w, r, j, http.StatusOK, l, wayFields{})
}

// way shows the page, with the fields as they were filled in if they were.
func (p *Pages) way(w http.ResponseWriter, r *page.Request, j config.Job, status int, l *look, in wayFields) {
	d := wayData{steps: p.stepsAt(r, j, stepServer), Share: in.share, Folder: in.folder, Company: in.company, Folders: in.folders, Exchange: in.exchange}
	title := "page.setup.title-way"
	if ofSage50(j) {
		title = "page.setup.title-exchange"
	}
	if !l.of(j.Name, walking) {
		p.Site.Show(w, r, set, status, "way", title, d)
		return
	}
	at, failed := l.failed()
	d.Asked, d.Stages, d.Failed, d.Notice, d.LoggedOn = true, stepsOf(r, l), failed, noticeOfError(r, l.err), l.passed(smb.StageLogOn)
	if ofBob50(j) && d.Folders == nil && d.Share == nil && l.passed(smb.StageFolder) {
		d.Folders = foldersOf(r, j, l)
	}
	if ofSage50(j) && d.Exchange == nil && d.Share == nil && l.passed(smb.StageFolder) {
		d.Exchange = exchangeField(r, j, l)
	}
	switch own := ofBob50(j) || ofSage50(j); {
	case !d.LoggedOn || own && !failed && l.passed(smb.StageCompanies) && d.Share == nil:
	case !failed && l.passed(smb.StageCompanies):
		if d.Company == nil {
			d.Company = companyField(r, l)
		}
	case d.Share == nil:
		d.Share = shareField(r, l)
		if failed && (at.Stage == smb.StageFolder || at.Stage == smb.StageCompanies) {
			d.Folder = folderField(r, l.target.Folder)
		}
	}
	p.Site.Show(w, r, set, status, "way", title, d)
}

func shareField(r *page.Request, l *look) *page.Field {
	f := &page.Field{Name: "share", Most: 80, Label: r.P.Text("page.setup.share", nil), Hint: r.P.Text("page.setup.share-hint", nil), Value: l.target.Share}
	all := choices(l)
	if len(all) == 0 {
		return f // the server does not tell them
	}
	f.Kind, f.Hint = "select", ""
	for _, s := range all {
		label := s.Name
		if s.Comment != "" {
			label += " – " + s.Comment
		}
		f.Options = append(f.Options, page.Option{Value: s.Name, Label: label})
	}
	return f
}

func folderField(r *page.Request, value string) *page.Field {
	return &page.Field{Name: "folder", Optional: true, Label: r.P.Text("page.setup.folder", nil), Hint: r.P.Text("page.setup.folder-hint", nil), Value: value}
}

func companyField(r *page.Request, l *look) *page.Field {
	is, _ := l.result(smb.StageCompanies)
	f := &page.Field{Name: "company", Kind: "select", Most: 255, Label: r.P.Text("page.setup.company", nil), Hint: r.P.Count("page.setup.companies", len(is.Companies))}
	for _, c := range is.Companies {
		f.Options = append(f.Options, page.Option{Value: c.Folder, Label: companyLabel(r, c)})
	}
	return f
}

func companyLabel(r *page.Request, c survey.Company) string {
	label := c.Folder
	if c.Version != "" {
		label += " – " + r.P.Text("page.setup.version", map[string]string{"version": c.Version})
	}
	switch {
	case len(c.Missing) > 0:
		label += " – " + r.P.Text("page.setup.missing", map[string]string{"file": strings.Join(c.Missing[:min(len(c.Missing), 3)], ", ")})
	case c.Layout == "":
		label += " – " + r.P.Text("page.setup.no-layout", nil)
	}
	return label
}

// takeShare looks into a share. Without one, it goes the way that is set once more.
func (p *Pages) takeShare(w http.ResponseWriter, r *page.Request, j config.Job) {
	l, t := p.last(r.Context()), p.target(j)
	t.Share, t.Folder = "", ""
	if r.PostForm.Has("share") {
		share, folder := &page.Field{Name: "share", Most: 80}, folderField(r, "")
		if l.of(j.Name, walking) {
			share = shareField(r, l)
		}
		var ok [2]bool
		t.Share, ok[0] = r.Take(share)
		t.Folder, ok[1] = r.Take(folder)
		t.Folder = strings.Trim(strings.ReplaceAll(t.Folder, `\`, "/"), "/")
		if ok == [2]bool{true, true} && t.Validate() != nil {
			ok[0], share.Error = false, r.P.Text("setting.wrong-value", nil)
		}
		if ok != [2]bool{true, true} {
			p.way(w, r, j, http.StatusUnprocessableEntity, l, wayFields{share: share, folder: folder})
			return
		}
	}
	if t.User == "" || t.Password == "" {
		on(w, r, j.Name, "server")
		return
	}
	p.walk(w, r, j, t)
}

// takeCompany keeps the way to one of the companies that were found, and has it held against its layout.
func (p *Pages) takeCompany(w http.ResponseWriter, r *page.Request, j config.Job) {
	l := p.last(r.Context())
	if l.running() || !l.of(j.Name, walking) || !l.passed(smb.StageCompanies) {
		on(w, r, j.Name, "way")
		return
	}
	f := companyField(r, l)
	folder, ok := r.Take(f)
	is, _ := l.result(smb.StageCompanies)
	for _, c := range is.Companies {
		if ok && c.Folder == folder {
			p.settle(w, r, j, l, c.Folder)
			return
		}
	}
	f.Error = r.P.Text("page.setup.not-found", nil)
	p.way(w, r, j, http.StatusUnprocessableEntity, l, wayFields{company: f})
}

// settle keeps the way to a company's folder and goes on to check it.
func (p *Pages) settle(w http.ResponseWriter, r *page.Request, j config.Job, l *look, folder string) {
	changes := append(serverChanges(j.Name, l), changesOf(j.Name, "share.share", l.target.Share, "share.folder", "", "acomba.company", folder)...)
	if err := p.keep(changes...); err != nil {
		p.Site.Message(w, r, http.StatusConflict, "page.refused.title", p.refused(r, err, nil))
		return
	}
	p.withDraft(w, r, j.Name, p.check)
}
