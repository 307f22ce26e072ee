package sharetest

import (
	"context"
	"fmt"
	"net"

	"github.com/cloudsoda/go-smb2"
)

// Session is a second SMB session, logged on to one share: a station of the ERP, whose opens and
// renames the server weighs against everybody else's. It opens with share READ and WRITE, and renames
// and deletes with share DELETE only.
type Session struct {
	*smb2.Share
	conn net.Conn
}

// Session logs a user on and mounts a share; "" logs UserERP on.
func (s *Samba) Session(ctx context.Context, share, user string) (*Session, error) {
	if user == "" {
		user = UserERP
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", s.Addr())
	if err != nil {
		return nil, err
	}
	dialer := smb2.Dialer{
		Negotiator: smb2.Negotiator{RequireMessageSigning: true, SpecifiedDialect: 0x311},
		Initiator:  &smb2.NTLMInitiator{User: user, Password: s.users[user], Domain: "LABGRP"},
	}
	session, err := dialer.DialConn(ctx, conn, "127.0.0.1")
	if err != nil {
		conn.Close()
		return nil, fmt.Errorf("log %s on to %s: %w", user, s.Addr(), err)
	}
	mounted, err := session.Mount(`\\127.0.0.1\` + share)
	if err != nil {
		conn.Close()
		return nil, fmt.Errorf("mount %s as %s: %w", share, user, err)
	}
	return &Session{mounted, conn}, nil
}

// Close ends the connection at once, as a station that is switched off does. To log off with a call
// under way would end the process (a fault of the library).
func (s *Session) Close() error { return s.conn.Close() }
