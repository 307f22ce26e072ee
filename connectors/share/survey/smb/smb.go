// Package smb is a log-on to a file server by the user-space client github.com/cloudsoda/go-smb2, for the survey alone.
//
// The client trusts what a server sends more than it should: it may panic in a goroutine of its own, hang, or take
// memory without end. So this package works only in a process that may end at any time (firmware/internal/survey), and
// the box mounts its share by the kernel.
package smb

import (
	"context"
	"fmt"
	"io/fs"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/cloudsoda/go-smb2"

	"syncbox/connectors/share/survey"
)

// patience is how long a server may be silent.
const patience = 20 * time.Second

// LogOn is a survey.LogOn. It tries once, signed, with the version that the server was found to speak. An error is a
// *connectors.Error with a code of package share or of package survey.
func LogOn(ctx context.Context, conn net.Conn, t survey.Target, s survey.Server) (survey.Session, error) {
	dialect := map[string]uint16{"3.0": 0x300, "3.0.2": 0x302}[s.Dialect]
	if dialect == 0 {
		dialect = 0x311
	}
	quiet := impatient{conn}
	dialer := smb2.Dialer{
		Negotiator: smb2.Negotiator{RequireMessageSigning: true, SpecifiedDialect: dialect},
		Initiator:  &smb2.NTLMInitiator{User: t.User, Password: string(t.Password), Domain: t.Domain},
	}
	logged, err := dialer.DialConn(ctx, quiet, t.Server)
	if err != nil {
		return nil, refused(t, err)
	}
	return &session{conn: quiet, on: logged.WithContext(ctx), target: t}, nil
}

// impatient ends a connection on which the other side has said nothing new since we last asked.
type impatient struct{ net.Conn }

func (c impatient) Write(p []byte) (int, error) {
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		return 0, err
	}
	return c.Conn.Write(p)
}

type session struct {
	conn   net.Conn
	on     *smb2.Session
	target survey.Target
}

// Close ends the connection, and the log-on with it. To log off while something is under way would end the process (a
// fault of the client).
func (s *session) Close() error { return s.conn.Close() }

func (s *session) Shares(context.Context) ([]survey.Share, error) {
	all, err := s.on.ListShares()
	if err != nil {
		return nil, failed(s.target, "", err)
	}
	var out []survey.Share
	for _, one := range all {
		if one.Type() == smb2.ShareTypeDiskTree && one.Name != "" {
			out = append(out, survey.Share{Name: one.Name, Comment: one.Comment, Special: one.IsSpecial()})
		}
	}
	slices.SortFunc(out, func(a, b survey.Share) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

func (s *session) Open(ctx context.Context, name string) (fs.FS, error) {
	if name == "" || strings.ContainsAny(name, `/\`) {
		return nil, fmt.Errorf("open share %q: %w", name, fs.ErrInvalid)
	}
	t := s.target
	t.Share = name
	mounted, err := s.on.Mount(name)
	if err != nil {
		return nil, failed(t, "", err)
	}
	return files{mounted.WithContext(ctx), t}, nil
}
