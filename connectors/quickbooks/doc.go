// Package quickbooks reads QuickBooks Online, and writes its customers where a site allows that, over
// Intuit's Accounting API v3 with minor version 75 (developer.intuit.com, "QuickBooks Online Accounting API").
//
// Confirmed by Intuit's own pages, its SDKs or captured answers: the addresses of the API and of the
// sign-in; access tokens of an hour and refresh tokens that are exchanged for new ones; the query language
// and its pages of at most 1,000; the change feed with its 30 days and 1,000 objects; SyncToken as the
// condition of an update; requestid, under which a repeated write is done once; the shapes of faults; 10
// requests a second and 500 a minute for each company; and 500,000 reads a month for all boxes together.
//
// Not known, and therefore a switch or read in every form: the body of today's 429 and of the one that
// ends a month's reads (fault.go, limits.go), whether Retry-After comes with it, and the day on which a
// month of reads begins (Config.CycleDay).
//
// There are no orders: QuickBooks Online has no such entity. There is no path by which a transaction
// could be written: customers alone are.
//
// A customer is an account and a contact under one Id; an item of type Category a revenue category; an
// estimate, an invoice and a credit memo are documents under E, I or C and their Id. An item that moves to
// another category, or is renamed, shows in the documents that have it: which ones those are is kept in the notes, and
// they alone are read again, a hundred or so at once (fanout.go).
//
// How a merge of two customers shows to those who ask is not known: that the one that went is inactive, gone
// or silent, and that its documents tell or not that they moved, are all taken alike (merges.go).
//
// The client secret is not on the box: a relay of ours owns the address to which a person is sent back
// from the sign-in, and adds the secret to each exchange of tokens; it keeps none of them.
package quickbooks
