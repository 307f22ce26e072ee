package app

import (
	"path/filepath"

	"syncbox/connectors/all"
	"syncbox/connectors/pairs"
)

// sage50Dir is the folder of a job for what the exports told, and for what was handed over.
const sage50Dir = "sage50"

// sage50 adds what a dossier of Sage 50 and a Sage Sales Management are built from.
func (j *Job) sage50(s *all.Settings) {
	s.Sage50, s.SalesManagement = j.conf.Sage50.Site, j.conf.SalesManagement.Site
	s.Sage50.Dir = filepath.Join(j.dir, sage50Dir)
	s.Sage50SalesManagement = pairs.Sage50SalesManagementOptions{SendClients: s.Sage50.SendClients, Representatives: j.conf.SalesManagement.Representatives}
}
