// Package quickbookstest is a QuickBooks Online company that runs in this process: its Accounting API, the people who work in its
// books, and the ways in which it fails.
//
// It is written from the description of the API and from captured bodies alone and shares no type with the client, so that the two
// cannot agree on the same mistake. What no public document settles is a switch (Switches).
//
//	GET  /v3/company/{realm}/{entity}/{id}                  one object
//	POST /v3/company/{realm}/{entity}                       a create, or an update if the body has an Id; ?operation=delete
//	GET  /v3/company/{realm}/query?query=…                  or POST with application/text
//	GET  /v3/company/{realm}/cdc?entities=…&changedSince=…  change data capture
//	POST /v3/company/{realm}/batch                          queries and writes
//
// Points a reader of answers should know:
//
//   - Stamps have whole seconds and the offset of a zone with summer time. Changes are never dated before earlier ones.
//   - Ids of customers, vendors and employees come from one sequence, those of transactions from another: an Id alone names nothing.
//   - A query of a name list gives active rows only, unless it asks about Active.
//   - Change data with more than 1,000 objects is cut without a word.
//   - What a limit refuses does not count against it. The monthly reads count answers 2xx without a Fault only.
//   - All calls of one client come from one app: the limits per company and per app are one.
//
// Server is an http.Handler; Server.Serve runs it on a listener, Server.RoundTripper reaches it without a network, and Platform adds
// the sign-in and the relay of package signin. Server.Person acts as the people do who work in the books, Fill seeds them, Fault breaks
// calls; Journal, the counters and the oracles tell what was asked of the company. The same is offered over HTTP below /_sim/. No token,
// realm or customer data is in what the server logs or keeps in its journal.
package quickbookstest
