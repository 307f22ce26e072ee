package all

import (
	"errors"
	"log/slog"
	"slices"

	"syncbox/connectors"
	"syncbox/connectors/pairs"
)

// sageX3Outlook builds one user's records and mailbox. Both sides have the objects alone on which the user has any right, and a
// side on which the user has none has no code path that could write.
func sageX3Outlook(s Settings, _ *slog.Logger, p *Pair) error {
	if s.SageX3 == nil || s.Outlook == nil {
		return errors.New("sagex3-outlook: a folder of X3 and a tenant are needed")
	}
	o := s.SageX3Outlook
	if err := o.Rights.Validate(); err != nil {
		return err
	}
	s.SageX3User.Entities, s.Mailbox.Entities = o.Rights.Entities(), o.Rights.Entities()
	user, mailbox := s.SageX3.User(s.SageX3User), s.Outlook.Mailbox(s.Mailbox)
	p.closes = append(p.closes, user.Close, mailbox.Close)
	p.ERP, p.CRM = x3Seen{user, user, user, user}, outlookSeen{mailbox, mailbox, mailbox, mailbox, mailbox, mailbox, mailbox, mailbox}
	toCRM, toERP := o.Rights.Writes()
	if toCRM {
		p.CRM = mailbox
	}
	if toERP && s.TwoWay {
		p.ERP = user
	}
	p.Profile = known(pairs.SageX3Outlook(o), p.ERP, p.CRM)
	return nil
}

// known takes from a profile what a side has no field for: which fields there are, a site's own X3 tells.
func known(p *connectors.Profile, erp, crm connectors.Source) *connectors.Profile {
	for i := range p.Entities {
		rule := &p.Entities[i]
		here, there := erp.Fields(rule.Entity), crm.Fields(rule.Entity)
		rule.Fields = slices.DeleteFunc(rule.Fields, func(f connectors.FieldRule) bool {
			_, a := here[f.ERP]
			_, b := there[f.CRM]
			return !a || !b
		})
		rule.Match = slices.DeleteFunc(rule.Match, func(names []string) bool {
			return slices.ContainsFunc(names, func(name string) bool { _, has := here[name]; return !has })
		})
	}
	return p
}

// x3Seen is a user's part of X3 that is only read.
type x3Seen struct {
	connectors.Source
	connectors.Sweeper
	connectors.Finder
	connectors.Checker
}

// outlookSeen is a mailbox that is only read.
type outlookSeen struct {
	connectors.Source
	connectors.Sweeper
	connectors.Finder
	connectors.Follower
	connectors.Checker
	connectors.Tallier
	connectors.Remarker
	connectors.Dated
}
