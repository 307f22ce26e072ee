// Package all is the list of the pairs that there are, and builds one from its settings.
package all

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"

	"syncbox/connectors"
	"syncbox/connectors/acomba"
	"syncbox/connectors/bob50"
	"syncbox/connectors/centrixone"
	"syncbox/connectors/outlook"
	"syncbox/connectors/pairs"
	"syncbox/connectors/pairs/eligible"
	"syncbox/connectors/quickbooks"
	"syncbox/connectors/sage50fr"
	"syncbox/connectors/sagecrm"
	"syncbox/connectors/sagex3"
	"syncbox/connectors/salesmanagement"
	"syncbox/connectors/share"
)

// Settings are what the sides of any pair need; each pair looks at its own.
type Settings struct {
	Pair   string
	TwoWay bool
	Share  share.Config

	Acomba     acomba.Config
	WriteBack  acomba.WriteBack
	CentrixOne centrixone.Config
	// QuickBooksTokens keeps the connection's tokens; the box gives it.
	QuickBooks       quickbooks.Config
	QuickBooksTokens quickbooks.Tokens
	// AcombaCentrixOne are the site's choices for this pair; TwoWay is set from above.
	AcombaCentrixOne     pairs.AcombaCentrixOneOptions
	QuickBooksCentrixOne pairs.QuickBooksCentrixOneOptions
	// SageX3 is a folder of X3 and Outlook a tenant. The jobs of a box share them, one job for each user: whoever built them closes
	// SageX3 when the last job has ended.
	SageX3        *sagex3.Server
	SageX3User    sagex3.UserConfig
	Outlook       *outlook.Tenant
	Mailbox       outlook.MailboxConfig
	SageX3Outlook pairs.SageX3OutlookOptions

	Bob50        bob50.Config
	SageCRM      sagecrm.Config
	Bob50SageCRM pairs.Bob50SageCRMOptions
	// Sage50 and SalesManagement are of one dossier, by whose name SalesManagement knows it.
	Sage50                sage50fr.Config
	SalesManagement       salesmanagement.Config
	Sage50SalesManagement pairs.Sage50SalesManagementOptions
	// Links tells what the job knows to belong together; bob50-sagecrm needs it.
	Links eligible.Links
}

// Pair is two connected sides and the profile between them.
type Pair struct {
	Profile  *connectors.Profile
	ERP, CRM connectors.Source
	// WriteTest is the ERP's writing half where a technician must confirm it first; nil elsewhere.
	WriteTest *acomba.Writer
	// QuickBooks tells how the connection of a company of QuickBooks is; nil with another ERP.
	QuickBooks *quickbooks.Company
	// BOB50 tells of its backups; nil with another ERP.
	BOB50  *bob50.Site
	closes []func() error
}

// Close closes both sides and the share. It may be called twice.
func (p *Pair) Close() error {
	var all []error
	for i := len(p.closes) - 1; i >= 0; i-- {
		all = append(all, p.closes[i]())
	}
	p.closes = nil
	return errors.Join(all...)
}

var makers = map[string]func(Settings, *slog.Logger, *Pair) error{
	"acomba-centrixone":      acombaCentrixOne,
	"bob50-sagecrm":          bob50SageCRM,
	"quickbooks-centrixone":  quickBooksCentrixOne,
	"sage50-salesmanagement": sage50SalesManagement,
	"sagex3-outlook":         sageX3Outlook,
}

// Names lists the pairs.
func Names() []string { return slices.Sorted(maps.Keys(makers)) }

// Build builds a pair. It connects to nothing yet: a server that is away is no reason not to start.
func Build(_ context.Context, s Settings, log *slog.Logger) (*Pair, error) {
	maker, ok := makers[s.Pair]
	if !ok {
		return nil, fmt.Errorf("no pair is called %q; there are %v", s.Pair, Names())
	}
	p := &Pair{}
	if err := maker(s, log, p); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}
