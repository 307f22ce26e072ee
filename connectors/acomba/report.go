package acomba

import (
	"context"
	"errors"
	"io/fs"

	"syncbox/connectors"
	"syncbox/connectors/acomba/layout"
	"syncbox/connectors/record"
	"syncbox/connectors/share"
)

// Report is how a company's folder did in all probes of its layout.
type Report struct {
	Layout   string // "refacomba/1"; empty where none was found
	Version  string // of the program
	Encoding string // the code page that its text is read with, "windows-1252" or "cp850"
	Probes   []layout.ProbeResult
	// Code says why the folder may not be read as it is, with its Args: a probe that failed, a file that is missing or
	// busy, an unknown version. Empty = every probe passed on every card.
	Code string            `json:",omitempty"`
	Args map[string]string `json:",omitempty"`
}

// Examine holds a company's folder against its layout, as the first look of a Company does: every card of every file
// is read once and judged by every probe. Nothing is kept. progress, if not nil, is told how many bytes are read.
//
// What is wrong with the folder or with its share is in the Report. The error is one of the settings, or that of ctx.
func Examine(ctx context.Context, cfg Config, files fs.FS, progress func(done, total int64)) (Report, error) {
	c, err := New(cfg, files, nil)
	if err != nil {
		return Report{}, err
	}
	o := &once{progress: progress}
	r, err := c.examine(ctx, o)
	if err == nil {
		err = o.skipped
	}
	if ctx.Err() != nil {
		return Report{}, ctx.Err()
	}
	if err == nil {
		return r, nil
	}
	if e, ok := errors.AsType[*connectors.Error](share.Fault(err)); ok {
		r.Code, r.Args = e.Code, e.Args
	}
	return r, nil
}

func (c *Company) examine(ctx context.Context, o *once) (r Report, err error) {
	f, l, version, err := c.visit(ctx)
	r.Version = version
	if err != nil {
		if e, ok := errors.AsType[*connectors.Error](err); ok && r.Version == "" {
			r.Version = e.Args["version"]
		}
		return r, err
	}
	r.Layout = l.String()
	if err := c.choosePage(ctx, f, l); err != nil {
		return r, err
	}
	c.version = version
	look := newLook(c, f, o)
	if err := look.first(ctx); err != nil {
		return r, err
	}
	if c.changedPage(look.run.Vote(), l) {
		o.skipped = nil
		look = newLook(c, f, o)
		if err := look.first(ctx); err != nil {
			return r, err
		}
	}
	r.Encoding = string(c.page)
	err = look.judge()
	r.Probes = look.found
	return r, err
}

// once is an observation of which nothing is kept but the first file that could not be read.
type once struct {
	progress func(done, total int64)
	skipped  error
}

func (*once) Get(string) []byte                                 { return nil }
func (*once) Put(string, []byte)                                {}
func (*once) Mark(string) []byte                                { return nil }
func (*once) SetMark(string, []byte)                            {}
func (*once) Changed(record.Entity, record.Key, *record.Record) {}
func (*once) Commit() error                                     { return nil }

func (o *once) Skip(_ record.Entity, err error) {
	if o.skipped == nil {
		o.skipped = err
	}
}

func (o *once) Progress(done, total int64) {
	if o.progress != nil {
		o.progress(done, total)
	}
}
