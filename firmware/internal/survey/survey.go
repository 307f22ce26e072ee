// Package survey is how the box looks for file servers and tries out a way to a company's folder, for the set-up
// assistant: each look is a child process of the same program (syncbox survey), with bounded memory and time. The
// user-space SMB client works nowhere else, so that whatever a server sends can end a child and never the box.
//
// The child gets one request on its standard input, the password in it and nowhere else, and tells its results line
// by line. It ends when its work is done, when its time is over, when the caller's context ends, or with the box.
package survey

import (
	"context"
	"log/slog"
	"net/netip"
	"slices"
	"time"

	"syncbox/connectors/acomba"
	"syncbox/connectors/acomba/layout"
	"syncbox/connectors/share/survey"
)

// What is found has the types of the packages that find it.
type (
	// Server is what a file server tells to anybody.
	Server = survey.Server
	// Target is a folder on a server, as far as a person knows it. Its password prints as "[redacted]".
	Target = survey.Target
	// Stage is one step on the way to a company's folder.
	Stage = survey.Stage
	// Result is what came out of a stage.
	Result = survey.Result
	// Share is a share of a server.
	Share = survey.Share
	// Company is a company's folder as its content tells it.
	Company = survey.Company
	// Report is how a company's folder did in the probes of its layout.
	Report = acomba.Report
	// Probe is one probe of it.
	Probe = layout.ProbeResult
	// Identity is what a company is known again by, wherever its folder is; see acomba.IdentityOf.
	Identity = acomba.Identity
)

// Stages gives all stages in their order.
func Stages() []Stage { return survey.Stages() }

// The health codes of this package, all about the child and none about a server.
const (
	CodeNotStarted = "survey-not-started" // no child could be started
	CodeDied       = "survey-died"        // it ended before its work was done
	CodeSlow       = "survey-slow"        // its time was over
	CodeGarbled    = "survey-garbled"     // what it told made no sense
)

// Codes lists the health codes of this package.
func Codes() []string { return []string{CodeNotStarted, CodeDied, CodeSlow, CodeGarbled} }

// Helper starts the child processes, one at a time: who comes meanwhile waits. The zero Helper is ready to use; its
// methods may be called by several goroutines.
//
// An error is a *connectors.Error with one of the codes of Codes, the context's own, or, before any child is started,
// that of Target.Validate or of a layout file that can't be read. What is wrong with a server is no error but a result.
type Helper struct {
	// Program is started with the one argument "survey"; empty = this program itself.
	Program string
	// Memory bounds what a child may allocate, in bytes; 0 = 192 MiB, and 448 for Probes, which need some 350 bytes for
	// each document. The runtime takes a part for itself.
	Memory int64
	// Time bounds a whole look; 0 = 2 minutes, and 10 for Probes and Find, which read files.
	Time time.Duration
	Log  *slog.Logger // nil is fine

	turn turn // for one child at a time
}

// Progress is how far a sweep or a search has come.
type Progress struct {
	Done, Of int     // addresses, percent or folders; Of is 0 where it is not known
	Server   *Server `json:",omitempty"` // one that has just answered
}

// SweepRequest says where to look for servers.
type SweepRequest struct {
	// Addresses are asked, at most 1,022 of them; none = every address of the box's own networks, as far as they are
	// private, IPv4, and their number allows: of a larger network than a /22 the /22 that the box is in.
	Addresses []netip.Addr
	Port      int // 0 = 445
}

// StepsRequest says where to go.
type StepsRequest struct {
	Target
	Layout string // path of a site's own layout file on the box; empty = the built-in ones
	// BOB50 looks for companies of Sage BOB 50 instead of Acomba's. Their Version is the form of their tables, and Folders of
	// StageCompanies are those that may hold backups.
	BOB50 bool `json:",omitempty"`
	// Sage50 looks for exchange folders of Sage 50 (France). Missing are the kinds of exports that are not there.
	Sage50 bool `json:",omitempty"`
}

// ProbesRequest says which company is held against which layout.
type ProbesRequest struct {
	Target        // with the company's Folder
	Layout string // as in StepsRequest; of the built-in ones the one that is meant for the program's version
	// Version is a technician's word for the program's version, for a layout that asks for it.
	Version string
}

// FindRequest says which company is looked for.
type FindRequest struct {
	Target   // Share and Folder are where it was, and may be empty: every share that can be read is searched
	Identity Identity
	Layout   string // as in StepsRequest
}

// Candidate is a folder that may be the company that is looked for.
type Candidate struct {
	Share string
	Company
	// Agree of Of signs that the company is known by are the same there. Sure is three quarters of at least four; a
	// copy of the company is as sure as the company itself, so that a person has the last word.
	Agree, Of int
	Sure      bool
}

// Sweep asks many addresses for a file server and gives those that are one, by address. It is no log-on, but may be
// noticed: ask a person first. told, if not nil, hears of each address.
func (h *Helper) Sweep(ctx context.Context, r SweepRequest, told func(Progress)) (found []Server, err error) {
	err = h.run(ctx, Request{Sweep: &r}, short, func(l Line) {
		if l.Progress != nil && l.Progress.Server != nil {
			found = append(found, *l.Progress.Server)
		}
		l.progress(told)
	})
	return found, err
}

// Steps goes the way to a folder, stage by stage, and stops at the first that fails. It logs on once at most: a
// refused password is never tried again without another call, as servers lock accounts. told, if not nil, hears of
// each result as it comes.
func (h *Helper) Steps(ctx context.Context, r StepsRequest, told func(Result)) (all []Result, err error) {
	if err := valid(r.Target, r.Layout); err != nil {
		return nil, err
	}
	err = h.run(ctx, Request{Steps: &r, Password: string(r.Password)}, short, func(l Line) {
		if l.Result == nil {
			return
		}
		all = append(all, *l.Result)
		if told != nil {
			told(*l.Result)
		}
	})
	return all, err
}

// Probes goes the way to a company's folder and runs every probe of its layout on every card. results are the steps
// there; where one of them fails, report is empty. Progress is in percent.
func (h *Helper) Probes(ctx context.Context, r ProbesRequest, told func(Progress)) (results []Result, report Report, err error) {
	if err := valid(r.Target, r.Layout); err != nil {
		return nil, Report{}, err
	}
	err = h.run(ctx, Request{Probes: &r, Password: string(r.Password)}, large, func(l Line) {
		if l.Result != nil {
			results = append(results, *l.Result)
		}
		if l.Report != nil {
			report = *l.Report
		}
		l.progress(told)
	})
	return results, report, err
}

// Find searches a server for a company whose folder was moved: first the share where it was, then the others. The
// candidates come with the one first that most signs agree with; none of them has no sign. results are the steps to
// the server; where one of them fails nothing was searched.
func (h *Helper) Find(ctx context.Context, r FindRequest, told func(Progress)) (results []Result, found []Candidate, err error) {
	if err := valid(r.Target, r.Layout); err != nil {
		return nil, nil, err
	}
	err = h.run(ctx, Request{Find: &r, Password: string(r.Password)}, long, func(l Line) {
		if l.Result != nil {
			results = append(results, *l.Result)
		}
		if l.Candidate != nil {
			found = append(found, *l.Candidate)
		}
		l.progress(told)
	})
	slices.SortStableFunc(found, func(a, b Candidate) int { return b.Agree - a.Agree })
	return results, found, err
}

// valid finds what no child needs to be asked for.
func valid(t Target, layoutFile string) error {
	if err := t.Validate(); err != nil {
		return err
	}
	_, err := acomba.LayoutFile(layoutFile)
	return err
}
