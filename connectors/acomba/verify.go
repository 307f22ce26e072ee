package acomba

import (
	"context"
	"fmt"
	"slices"

	"syncbox/connectors"
	"syncbox/connectors/acomba/layout"
	"syncbox/connectors/acomba/scan"
	"syncbox/connectors/share"
)

// verification names what a full run of the probes vouches for.
func (c *Company) verification() string {
	return fmt.Sprintf("%s %s %q %q", c.layout.Fingerprint, c.page, c.version, c.cfg.Folder)
}

// unverified says that the layout, the path, the code page or the program's version is not the one that
// last passed in full.
func (c *Company) unverified(o connectors.Observation) bool {
	return string(o.Mark(markVerified)) != c.verification()
}

// reverify turns "no layout for this version" into "verify again" where another version was read before.
func reverify(o connectors.Observation, err error) error {
	if connectors.CodeOf(err) != CodeLayoutUnknown || len(o.Mark(markVerified)) == 0 {
		return err
	}
	e := *err.(*connectors.Error)
	e.Code = CodeLayoutReverify
	return &e
}

// choosePage resolves the code page of a layout not used before: a layout that leaves it open asks the
// first customers.
func (c *Company) choosePage(ctx context.Context, f *folder, l *layout.Layout) error {
	if c.layout != nil && c.layout.Fingerprint == l.Fingerprint {
		return nil
	}
	vote := &layout.Vote{}
	c.use(l, vote)
	file := c.layout.File(fileCustomer)
	if l.Encoding != layout.Auto || file == nil {
		return nil
	}
	r, err := c.reader(ctx, f, c.specOf(file), file.Path)
	if err == nil {
		cards, _ := r.Cards()
		first := make([]int, min(8, r.Spec.Blocks(cards)))
		for i := range first {
			first[i] = i
		}
		err = r.Each(ctx, first, func(b scan.Block) error {
			return r.Spec.Each(b, func(_ int32, raw []byte) error { vote.AddCard(file, raw); return nil })
		})
	}
	if wholeShare(err) {
		c.layout = nil
		return err
	}
	c.use(l, vote)
	return nil
}

// changedPage takes over the code page that all cards of a look voted for, if it is another one.
func (c *Company) changedPage(v *layout.Vote, l *layout.Layout) bool {
	page, sure := v.Encoding()
	if l.Encoding != layout.Auto || !sure || page == c.page && c.pageOK {
		return false
	}
	other := page != c.page
	c.use(l, v)
	return other
}

// reader opens a file of the company. A file that the listing does not show is missing; one that it shows and
// that cannot be found is just being replaced.
func (c *Company) reader(ctx context.Context, f *folder, spec *scan.Spec, name string) (*scan.Reader, error) {
	at, there, err := f.find(name)
	if err != nil {
		return nil, err
	}
	if !there {
		return nil, &connectors.Error{Kind: connectors.Unavailable, Code: CodeFileMissing, Args: f.args("file", name)}
	}
	r, err := scan.Open(ctx, share.BlockReader{FS: c.fs, Name: at}, spec, &c.buffer)
	if share.ClassOf(err) == share.Gone {
		return nil, &connectors.Error{Kind: connectors.Busy, Code: CodeFileBusy, Args: f.args("file", name), Err: err}
	}
	return r, err
}

// wholeShare says whether an error means more than one file.
func wholeShare(err error) bool {
	if err == nil {
		return false
	}
	switch connectors.CodeOf(err) {
	case CodeFileMissing, CodeFileBusy, CodeFileTruncated, CodeFileSize, share.CodeFileGone, share.CodeDenied, share.CodeError:
		return false
	}
	return true
}

// judge decides, before anything is told, whether the folder may be believed. The layout comes first: what
// is read through a wrong one is no sign of anything.
func (l *look) judge() error {
	l.found = l.run.Result()
	if r := l.worst(); r != nil {
		return l.failed(*r)
	}
	if err := l.samples(); err != nil {
		return err
	}
	older := l.high.older()
	if older == nil || l.c.accept {
		return nil
	}
	l.o.SetMark(markOlder, []byte(older.Args["signs"]))
	if err := l.o.Commit(); err != nil {
		return err
	}
	return older
}

// worst gives the failed probe that tells people most, nil if none failed: the first, but the code page
// where nothing else is wrong than text that is not printable in it.
func (l *look) worst() *layout.ProbeResult {
	var first, page *layout.ProbeResult
	textOnly := true
	for i := range l.found {
		r := &l.found[i]
		switch {
		case r.Pass || !l.judged(*r):
			continue
		case r.Kind == layout.ProbeEncoding:
			page = r
		case first == nil:
			first = r
			fallthrough
		default:
			textOnly = textOnly && r.Kind == layout.ProbePrintable
		}
	}
	if page != nil && textOnly {
		return page
	}
	return first
}

// judged says whether a result means something: a file that could not be read proves nothing.
func (l *look) judged(r layout.ProbeResult) bool {
	if r.Kind == layout.ProbeEncoding {
		return true
	}
	t := l.tracked(r.File)
	if t == nil || t.out || r.Kind == layout.ProbeKnown && t.holes {
		return false
	}
	for _, other := range l.alsoReads(t.file, r) {
		if o := l.tracked(other); o == nil || o.out {
			return false
		}
	}
	return true
}

// alsoReads lists the other files that a probe judges by.
func (l *look) alsoReads(f *layout.File, r layout.ProbeResult) []string {
	var files []string
	for _, p := range f.Probes {
		if p.Kind != r.Kind || p.Field != r.Field {
			continue
		}
		if p.Children != nil {
			files = append(files, p.Children.File)
		}
		if spec, err := f.FieldSpec(p.Field); p.Kind == layout.ProbeRefValid && err == nil {
			files = append(files, spec.Ref.File)
		}
	}
	return files
}

func (l *look) tracked(name string) *tracked {
	i := slices.IndexFunc(l.files, func(t *tracked) bool { return t.file.Name == name })
	if i < 0 {
		return nil
	}
	return l.files[i]
}

// failed is the error of a failed probe.
func (l *look) failed(r layout.ProbeResult) error {
	args := l.f.args("file", r.File, "probe", r.Kind, "field", r.Field, "detail", r.Detail,
		"layout", l.c.layout.String(), "version", l.c.version)
	code := CodeProbeFailed
	switch {
	case r.Kind == layout.ProbeEncoding:
		code = CodeEncodingUnknown
	case l.full && len(l.o.Mark(markVerified)) > 0:
		code = CodeLayoutReverify
	}
	return &connectors.Error{Kind: connectors.Drift, Code: code, Args: args,
		Err: fmt.Errorf("probe %s of %s %s: %s", r.Kind, r.File, r.Field, r.Detail)}
}

// samples asks for a technician's known card before a layout is believed for a version it was not made for.
func (l *look) samples() error {
	if !l.full || l.c.layout.Matches(l.c.version) || l.c.layout.VersionFrom.File == "" {
		return nil
	}
	for _, f := range l.c.layout.Files() {
		for _, p := range f.Probes {
			if p.Kind == layout.ProbeKnown {
				return nil
			}
		}
	}
	return &connectors.Error{Kind: connectors.Drift, Code: CodeLayoutReverify,
		Args: l.f.args("layout", l.c.layout.String(), "version", l.c.version, "probe", layout.ProbeKnown)}
}

// complete says whether every file was read whole, so that a full run vouches for all of them.
func (l *look) complete() bool {
	return !slices.ContainsFunc(l.files, func(t *tracked) bool { return t.out || t.holes })
}
