package setup_test

import (
	"fmt"
	"testing"

	"syncbox/connectors/share/sharetest"
)

// The technician's way from the label to the rules, with no more than the office has: a server, a CRM. What nobody has to type
// is proposed.
//
// Requirement: ACO-4, ACO-5, ACO-6, ACO-7, ACO-26, ACO-73
func TestWalk(t *testing.T) {
	s := newSite(t)
	s.withServer(60)
	b := s.logOn()
	b.at(jobsPath+"server", 200)
	b.submit(jobsPath + "search")
	b.shows("the servers", "ERPSRV", "Choisir ERPSRV")
	b.submit(jobsPath+"server", "user", sharetest.UserBox, "password", secret, "port", fmt.Sprint(s.server.Port))
	b.at(jobsPath+"way", 200)
	b.shows("the way", "127.0.0.1", "SMB 3.1.1", "2 partages")
	b.submit(jobsPath+"way", "share", sharetest.ShareERP)
	b.submit(jobsPath + "company")
	b.at(jobsPath+"check", 200)
	b.shows("the company", "Toutes les fiches ont la forme attendue.", "refacomba/1", "contrôles réussis")
	b.follow(jobsPath + "crm")
	b.submit(jobsPath+"crm", "account", "10234", "key", crmKey)
	b.at(jobsPath+"rules", 200)
	b.shows("the CRM", "Le CRM répond et accepte la clé.")
	b.submit(jobsPath + "rules")
	t.Logf("%d fields, %d clicks, %s", b.fields, b.clicks, b.path)
}
