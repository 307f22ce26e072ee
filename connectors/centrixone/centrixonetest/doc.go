// Package centrixonetest is a CentrixOne that runs in this process: the HTTP dialect of the CRM's
// API, the people who work in it, and the ways in which it fails.
//
// It is written from the description of the API alone and shares no type with the client, so that
// the two cannot agree on the same mistake. The conventions of URL, base filter, conditional read
// and error shape are those of the vendor's public guide (centrix.one/en/faq/system/centrixone-api);
// the resources besides Contacts, the POST body and the paging are a proposal.
//
//	/API_WEB/{EN|FR}/{Resource}-{Account}-{ApiKey}-{BaseFilter}.awp?fields=…&filters=…&since=…&after=…&limit=…
//
// Points a reader of answers should know:
//
//   - A field without a value reads as null; writing "" is the same as writing null.
//   - With a base filter S<list>, the Lists of a row name only the lists asked for.
//   - Rows come in order of Id. Next is opaque; it stays good while records come, change and go.
//   - Last-Modified has whole seconds. An answer given in the very second of the last change is
//     dated one second back, so that a second change in that second is never hidden behind a 304.
//   - A reference to a record that somebody deleted stays where it is and leads nowhere.
//   - All rows of a POST are applied, in their order, or none.
//
// Server is an http.Handler; Server.Serve runs it on a listener and Server.RoundTripper reaches it
// without a network. Person and Automation act as the CRM's users do, Support as its vendor's staff,
// Fault breaks calls, Journal and the counters tell what was asked of the CRM. The same is offered
// over HTTP below /__sim/. The API key is in nothing that the server logs, records or returns.
package centrixonetest
