package main

import (
	"context"

	"syncbox/connectors/centrixone/centrixonetest"
	"syncbox/firmware/internal/app"
)

// company is the ERP of a pair, with the people who work in it, and the CRM that belongs to the pair. Customers and documents go
// by the last part of their external id in the CRM, behind CU, CC and DO.
type company interface {
	// name is what people call the ERP.
	name() string
	// open makes the ERP in an empty folder and starts the CRM. It gives what a box's settings and secrets say of the
	// job between them, from below its name.
	open(dir string, o options) (crm *centrixonetest.Server, settings, secrets string, err error)
	// signIn does what a technician does at a running box before its first sync; nothing where there is nothing to do.
	signIn(ctx context.Context, with *app.SignIns) error
	// tryWriting does what a technician does before the first edit of the CRM reaches the ERP; false where nothing is to be
	// tried.
	tryWriting(ctx context.Context, job *app.Job) (tried bool, err error)

	// customers lists live ones.
	customers() ([]string, error)
	city(customer string) (string, error)
	setCity(customer, city string) error
	// documents lists, by customer, those that change alone: no other one was made from them, nor they from another one.
	documents() (map[string][]string, error)
	// addFreight makes a document dearer.
	addFreight(document string) error

	// missing lists all that the CRM doesn't show as it is in the ERP, missingDocuments the documents among it.
	missing() ([]string, error)
	missingDocuments() ([]string, error)
	// mustWait lists documents that can't be taken as they are, and wait for somebody from the first sync on.
	mustWait() []string
	// counts gives the customers and documents that the CRM has from the ERP.
	counts() (customers, documents int)
	// noDoubles makes sure that nothing was created twice.
	noDoubles() error

	close() error
}
