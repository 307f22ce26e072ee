package survey

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"path"
	"strconv"
	"syscall"

	"syncbox/connectors"
	"syncbox/connectors/share"
)

// name finds the address as a mount does: IPv4 first.
func (w *Way) name(ctx context.Context, r *Result) error {
	ctx, cancel := context.WithTimeout(ctx, nameWait)
	defer cancel()
	if a, err := netip.ParseAddr(w.Target.Server); err == nil {
		r.Addresses = []netip.Addr{a}
	} else {
		all, err := net.DefaultResolver.LookupNetIP(ctx, "ip", w.Target.Server)
		if err != nil || len(all) == 0 {
			return w.wrong(CodeNameUnknown, err)
		}
		r.Addresses = fourFirst(all)
	}
	w.at = netip.AddrPortFrom(r.Addresses[0], uint16(cmp.Or(w.Target.Port, 445)))
	return nil
}

func fourFirst(all []netip.Addr) []netip.Addr {
	var four, six []netip.Addr
	for _, a := range all {
		if a.Unmap().Is4() {
			four = append(four, a.Unmap())
			continue
		}
		six = append(six, a)
	}
	four = append(four, six...)
	return four[:min(len(four), mostAddresses)]
}

func (w *Way) port(ctx context.Context) error {
	conn, err := dial(ctx, w.at, connectWait)
	switch {
	case err == nil:
		return conn.Close()
	case errors.Is(err, syscall.ECONNREFUSED):
		return w.wrong(CodePortClosed, err)
	}
	return w.wrong(CodeNoAnswer, err)
}

func (w *Way) negotiate(ctx context.Context, r *Result) error {
	server, err := Ask(ctx, w.at, answerWait)
	switch {
	case NotServer(err):
		return w.wrong(CodeNotServer, err)
	case err != nil:
		return w.wrong(CodeNoAnswer, err)
	}
	w.server, r.Server = server, &server
	if server.Vers() == "" {
		return w.wrong(share.CodeDialect, fmt.Errorf("the server speaks SMB %s", server.Dialect))
	}
	if server.Clock && server.Skew.Abs() > clockBound {
		r.OK, r.Code = true, CodeClock
		r.Args = map[string]string{"server": w.Target.Server, "minutes": strconv.Itoa(int(server.Skew.Abs().Minutes()))}
	}
	return nil
}

func (w *Way) logOn(ctx context.Context) error {
	conn, err := dial(ctx, w.at, connectWait)
	if err != nil {
		return w.wrong(CodeNoAnswer, err)
	}
	if w.Session, err = w.LogOn(ctx, conn, w.Target, w.server); err != nil {
		w.Session = nil
		conn.Close()
	}
	return err
}

// shares lists them. Some servers refuse the list and open a share all the same, to whoever knows its name.
func (w *Way) shares(ctx context.Context, r *Result) error {
	all, err := w.Session.Shares(ctx)
	if err != nil && connectors.CodeOf(err) != share.CodeUnreachable {
		r.OK = w.Target.Share != ""
		return w.wrong(CodeSharesNotListed, err)
	}
	r.Shares = all[:min(len(all), mostShown)]
	if err == nil && len(all) == 0 && w.Target.Share == "" {
		return w.wrong(CodeSharesNone, nil)
	}
	return err
}

func (w *Way) open(ctx context.Context) (err error) {
	w.Share, err = w.Session.Open(ctx, w.Target.Share)
	if connectors.CodeOf(err) == share.CodeFileGone {
		return w.wrong(share.CodeGone, err)
	}
	return err
}

// folder reads the target's folder: its names, and those of the folders in it are shown.
func (w *Way) folder(r *Result) error {
	at := cmp.Or(w.Target.Folder, ".")
	info, err := fs.Stat(w.Share, at)
	if connectors.CodeOf(err) == share.CodeFileGone || err == nil && !info.IsDir() {
		gone := w.wrong(CodeFolderMissing, err).(*connectors.Error)
		gone.Args["folder"] = path.Join(w.Target.Share, at)
		return gone
	}
	if err != nil {
		return err
	}
	entries, err := fs.ReadDir(w.Share, at)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.IsDir() && len(r.Folders) < mostShown {
			r.Folders = append(r.Folders, e.Name())
		}
	}
	return nil
}

func (w *Way) companies(ctx context.Context, r *Result) (err error) {
	at := cmp.Or(w.Target.Folder, ".")
	if r.Companies, err = w.Companies(ctx, w.Share, at); err != nil {
		return err
	}
	if len(r.Companies) == 0 {
		none := w.wrong(CodeCompanyNone, nil).(*connectors.Error)
		none.Args["folder"] = path.Join(w.Target.Share, at)
		return none
	}
	return nil
}
