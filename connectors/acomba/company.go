package acomba

import (
	"fmt"
	"io/fs"
	"log/slog"
	"regexp"
	"strconv"
	"time"

	"github.com/zeebo/xxh3"

	"syncbox/connectors"
	"syncbox/connectors/acomba/layout"
	"syncbox/connectors/acomba/scan"
)

// Company is one company folder. Both halves hang on it: it reads as a connectors.Source, and writes where
// its site allows it. Its methods are called by one goroutine at a time.
type Company struct {
	cfg    Config
	fs     fs.FS
	log    *slog.Logger
	mobile *regexp.Regexp

	// What the latest look found; nil before the first.
	layout  *layout.Layout // with the code page resolved
	version string
	page    layout.Encoding
	pageOK  bool // the page is sure

	known     map[string]*scan.Known    // by file: what looks accepted
	dups      map[string]map[int32]bool // by file: cards that share a number that should be unique
	successor []int32                   // by position of a document: the document made from it; nil = not known
	broken    map[int32]int             // documents whose lines are not whole: how often seen so
	growing   map[string]int            // by file: looks in a row in which it ended inside a card
	moving    map[string]int            // by file: looks in a row after which some card had not stood still
	numbers   *numberIndex              // for Find, until the next look
	blocked   error                     // why nothing may be read since the latest look
	accept    bool                      // a person took the older copy as the truth
	buffer    scan.Buffer

	unjudged bool    // the layout has still to pass in full
	probed   bool    // every probe of the customer file passed in the latest look
	writer   *Writer // the other half; nil on a site that is read only
}

var (
	_ connectors.Source = (*Company)(nil)
	_ connectors.Finder = (*Company)(nil)
	_ connectors.Holder = (*Company)(nil)
	_ Shower            = (*Company)(nil)
)

// New makes a Company on a share, which stays the caller's. It touches nothing outside.
func New(cfg Config, share fs.FS, log *slog.Logger) (*Company, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("set up company: %w", err)
	}
	if cfg.Wait == nil {
		cfg.Wait = wait
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	c := &Company{cfg: cfg, fs: share, log: log, known: map[string]*scan.Known{}, broken: map[int32]int{},
		dups: map[string]map[int32]bool{}, growing: map[string]int{}, moving: map[string]int{}}
	if cfg.Mobile != "" {
		c.mobile = regexp.MustCompile(cfg.Mobile) // Validate has compiled it
	}
	return c, nil
}

// Close frees nothing: a Company holds no file open between calls. It may be called twice.
func (c *Company) Close() error { return nil }

// Accept makes the next look take an older copy of the folder as the truth. It holds until a look
// succeeds.
func (c *Company) Accept() { c.accept = true }

// TwoWay is a company that is written to as well.
type TwoWay struct {
	*Company
	*Writer
}

// With adds the writing half, which must write to the same folder and show cards by this Company. Each
// look begins a cycle of the Writer.
func (c *Company) With(w *Writer) TwoWay {
	c.writer = w
	return TwoWay{c, w}
}

// begin tells the writing half how a look ended.
func (c *Company) begin(err error) {
	if c.writer == nil {
		return
	}
	c.writer.BeginCycle(Cycle{Layout: c.layout, Version: c.version, Probed: err == nil && c.probed,
		Exclusive: connectors.CodeOf(err) == CodeExclusive})
}

// seed makes all notes of a look void once something decides otherwise how bytes become records.
func (c *Company) seed() uint64 {
	return xxh3.HashString("1 " + c.layout.Fingerprint + " " + string(c.page) + " " + strconv.FormatUint(c.cfg.rules(), 16))
}

// use takes a layout with the code page of a vote.
func (c *Company) use(l *layout.Layout, v *layout.Vote) {
	c.page, c.pageOK = v.Encoding()
	if l.Encoding != layout.Auto {
		c.page, c.pageOK = l.Encoding, true
	}
	c.layout = l.Resolve(v)
}

func (c *Company) knownOf(file string) *scan.Known {
	k := c.known[file]
	if k == nil {
		k = &scan.Known{}
		c.known[file] = k
	}
	return k
}
