package sharetest

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"slices"

	"github.com/cloudsoda/go-smb2"
)

// Deny is what a station keeps others from while it has a file open: the share access that it leaves out (MS-SMB2 2.2.13).
type Deny uint32

// What a station may deny.
const (
	DenyNothing Deny = 0
	DenyWrite   Deny = 0x2 | 0x4       // others may only read
	DenyAll     Deny = 0x1 | 0x2 | 0x4 // exclusive
)

// Unsigned is a line of Options.Global: the server does not ask for signatures, but gives them to whoever does.
const Unsigned = "server signing = auto"

// Station is a Session all of whose opens of files deny something to everybody else, as those of a program do that opens "deny
// write" or exclusively. The server weighs them as any other's. It takes a server with Unsigned.
func (s *Samba) Station(ctx context.Context, share, user string, deny Deny) (*Session, error) {
	if user == "" {
		user = UserERP
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", s.Addr())
	if err != nil {
		return nil, err
	}
	dialer := smb2.Dialer{
		Negotiator: smb2.Negotiator{SpecifiedDialect: 0x311},
		Initiator:  &smb2.NTLMInitiator{User: user, Password: s.users[user], Domain: "LABGRP"},
	}
	session, err := dialer.DialConn(ctx, &denying{conn, deny}, "127.0.0.1")
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

// denying takes share access out of the requests to open a file, as the client library always shares reading and writing.
type denying struct {
	net.Conn
	deny Deny
}

// The header of a message and the request CREATE (MS-SMB2 2.2.1.2, 2.2.13): where things are, and what they mean.
const (
	atCommand, create          = 12, 5
	atFlags, signed            = 16, 0x8
	atShareAccess              = 64 + 32
	atCreateOptions, ofAFolder = 64 + 40, 0x1
	createSize                 = 64 + 56
)

// Write passes on what the library wrote: it gives each message in one piece, after its length.
func (d *denying) Write(b []byte) (int, error) {
	le := binary.LittleEndian
	if len(b) < createSize || string(b[:4]) != "\xFESMB" || le.Uint16(b[atCommand:]) != create || le.Uint32(b[atCreateOptions:])&ofAFolder != 0 {
		return d.Conn.Write(b)
	}
	if le.Uint32(b[atFlags:])&signed != 0 {
		return 0, errors.New("deny access: the server asks for signatures")
	}
	changed := slices.Clone(b)
	le.PutUint32(changed[atShareAccess:], le.Uint32(b[atShareAccess:])&^uint32(d.deny))
	return d.Conn.Write(changed)
}
