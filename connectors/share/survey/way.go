package survey

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"net/netip"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/share"
)

// Session is a log-on to a server.
type Session interface {
	// Shares lists the shares that hold files, by name.
	Shares(ctx context.Context) ([]Share, error)
	// Open opens a share for reading. Its errors, and those of its files, are *connectors.Error inside.
	Open(ctx context.Context, share string) (fs.FS, error)
	Close() error
}

// LogOn logs on over a connection, once; what is left of the connection is the caller's when it fails.
type LogOn func(ctx context.Context, conn net.Conn, t Target, s Server) (Session, error)

// The bounds of what a person is shown, and of what a stage may take before there is a log-on.
const (
	mostAddresses = 16
	mostShown     = 500
	connectWait   = 5 * time.Second
	answerWait    = 5 * time.Second
	nameWait      = 10 * time.Second
	clockBound    = 5 * time.Minute // beyond, domains refuse and dates mislead
)

// Way goes stage by stage to a folder on a server. It is used once and then closed.
type Way struct {
	Target Target
	LogOn  LogOn
	// Companies looks for companies in the target's folder; its error is one of the share.
	Companies func(ctx context.Context, share fs.FS, folder string) ([]Company, error)
	Told      func(Result) // hears of each result

	Session Session // from StageLogOn on
	Share   fs.FS   // from StageShare on

	at     netip.AddrPort
	server Server
}

// Go goes up to a stage or as far as the target says, and tells whether it came there. It never logs on twice.
func (w *Way) Go(ctx context.Context, last Stage) bool {
	for _, stage := range Stages() {
		if w.Target.User == "" && stage == StageLogOn || w.Target.Share == "" && stage == StageShare {
			return false
		}
		r := Result{Stage: stage}
		if err := w.do(ctx, &r); err != nil {
			r.Code, r.Args = coded(w.Target, err)
		}
		r.OK = r.OK || r.Code == ""
		w.Told(r)
		if !r.OK || stage == last {
			return r.OK
		}
	}
	return true
}

// Close ends the log-on.
func (w *Way) Close() error {
	if w.Session == nil {
		return nil
	}
	return w.Session.Close()
}

func (w *Way) do(ctx context.Context, r *Result) error {
	switch r.Stage {
	case StageName:
		return w.name(ctx, r)
	case StagePort:
		return w.port(ctx)
	case StageNegotiate:
		return w.negotiate(ctx, r)
	case StageLogOn:
		return w.logOn(ctx)
	case StageShares:
		return w.shares(ctx, r)
	case StageShare:
		return w.open(ctx)
	case StageFolder:
		return w.folder(r)
	}
	return w.companies(ctx, r)
}

// Failed is the result of a stage that an error ended.
func Failed(stage Stage, t Target, err error) Result {
	r := Result{Stage: stage}
	r.Code, r.Args = coded(t, err)
	return r
}

func coded(t Target, err error) (code string, args map[string]string) {
	if e, ok := errors.AsType[*connectors.Error](err); ok {
		return e.Code, e.Args
	}
	return share.CodeError, map[string]string{"share": t.UNC()}
}

// wrong makes an error of a stage.
func (w *Way) wrong(code string, err error) error {
	return &connectors.Error{Kind: connectors.Unavailable, Code: code, Err: err,
		Args: map[string]string{"server": w.Target.Server, "share": w.Target.UNC(), "user": w.Target.User}}
}
