// Package sitetest is a customer's site on this machine: a server with the ERP's folder on a Windows share, a CRM, both
// on loopback only, and the card of a box that is set up for them. Who boots the card in the virtual machine has all
// that the product meets in the field, and can judge it by what both sides hold.
package sitetest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	"syncbox/connectors/acomba/acombatest"
	"syncbox/connectors/centrixone/centrixonetest"
	"syncbox/connectors/share/sharetest"
	"syncbox/firmware/internal/console/setupcode"
	"syncbox/firmware/internal/storytest"
)

// What the site calls things. The CRM's key opens nothing but the simulator of this process.
const (
	Company    = "EXEMPLE"
	Job        = "exemple"
	CRMAccount = "73182046"
	CRMKey     = "DEMOKEY7Q2"
	Box        = "syncbox-demo"

	Server = "10.0.2.2" // this machine, for a box in QEMU
	seed   = 20261121
)

// Back is the way back: what becomes of the CRM's edits.
type Back string

// The ways back.
const (
	HandOff Back = "handoff" // a person keys them from a list
	Direct  Back = "direct"  // they are written into the company's files: a technician tried it out some days ago
	None    Back = "off"     // one way only
)

// Options shape a site; the zero value has a small company.
type Options struct {
	Customers, Documents int           // of the company; default 200, and none
	Share                string        // of the server: default sharetest.ShareERP
	Language             string        // of the box, default fr-CA
	Interval             time.Duration // between two syncs, default 30 s
	Back                 Back          // default HandOff
	Seal                 bool          // the box wants its traffic with the server encrypted
	Unfinished           bool          // the server's address and the secrets are not on the card
	Blank                bool          // nobody has set the box up
	Name                 string        // of the box, default Box
	Support              string        // broker of its support; empty = none
	Identity             string        // folder with its key and certificates for support; empty = none
	Updates              string        // address of the update server, by which the box may be updated at any hour; empty = none
}

func (o Options) withDefaults() Options {
	if o.Customers == 0 {
		o.Customers = 200
	}
	if o.Name == "" {
		o.Name = Box
	}
	if o.Share == "" {
		o.Share = sharetest.ShareERP
	}
	if o.Back == "" {
		o.Back = HandOff
	}
	if o.Language == "" {
		o.Language = "fr-CA"
	}
	if o.Interval == 0 {
		o.Interval = 30 * time.Second
	}
	return o
}

// Site is one customer's.
type Site struct {
	storytest.Sides
	Samba    *sharetest.Samba
	Password string // of both users of the server
	Code     string // the set-up code on the box's label

	options Options
	dir     string
	crm     string // port
	endCRM  func() error
}

// Open makes a site in an empty folder, which is the caller's to remove, and starts its server and CRM. Without a server's
// program on this machine the error is sharetest.ErrNoSamba.
func Open(ctx context.Context, dir string, o Options) (*Site, error) {
	// A comma, a blank and a quotation mark have a meaning in mount options and in TOML.
	s := &Site{options: o.withDefaults(), dir: dir, Code: setupcode.New(), Password: setupcode.New() + `, "w7Q`}
	if err := s.open(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Site) open(ctx context.Context) (err error) {
	server := filepath.Join(s.dir, "server")
	users := map[string]string{sharetest.UserBox: s.Password, sharetest.UserERP: s.Password}
	if s.Samba, err = sharetest.Start(ctx, server, sharetest.Options{Users: users}); err != nil {
		return fmt.Errorf("start the server: %w", err)
	}
	if s.ERP, err = NewCompany(s.Samba.Dir(s.options.Share), s.options.Customers, s.options.Documents); err != nil {
		return err
	}
	var address string
	if s.CRM, address, s.endCRM, err = ServeCRM(centrixonetest.Acomba); err != nil {
		return err
	}
	_, s.crm, err = net.SplitHostPort(address)
	return err
}

// Close ends the server and the CRM. It may be called twice.
func (s *Site) Close() error {
	var all []error
	if s.Samba != nil {
		all = append(all, s.Samba.Stop())
	}
	if s.endCRM != nil {
		all = append(all, s.endCRM())
		s.endCRM = nil
	}
	return errors.Join(all...)
}

// NewCompany makes the ERP's folder below a share's, and the folder beside it where the box leaves its lists.
func NewCompany(share string, customers, documents int) (*acombatest.Company, error) {
	if err := os.MkdirAll(filepath.Join(share, "SyncBox"), 0o755); err != nil {
		return nil, err
	}
	c, err := acombatest.Create(filepath.Join(share, Company), acombatest.Options{Customers: customers, Documents: documents, Seed: seed})
	if err != nil {
		return nil, fmt.Errorf("make company: %w", err)
	}
	return c, nil
}

// ServeCRM puts the CRM of a site with this ERP on a free port of loopback, until end is called.
func ServeCRM(source centrixonetest.Source) (crm *centrixonetest.Server, address string, end func() error, err error) {
	crm = centrixonetest.New(centrixonetest.Options{Account: CRMAccount, Key: CRMKey, Source: source,
		AutomaticBilling: true, Write: true, RateLimit: &centrixonetest.Rate{PerSecond: 100, Burst: 100}})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, "", nil, fmt.Errorf("listen for the CRM: %w", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- crm.Serve(ctx, l, nil) }()
	return crm, l.Addr().String(), func() error { cancel(); return <-served }, nil
}
