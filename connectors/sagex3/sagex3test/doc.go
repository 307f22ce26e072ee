// Package sagex3test is a Sage X3 that runs in this process: its web services, the people who work with its CRM, and the ways in
// which it fails.
//
// It is written from the specification and the official WSDL alone and shares no type with the client, so that the two cannot agree
// on the same mistake. What no public document settles is a switch (Switches).
//
//	POST /soap-generic/syracuse/collaboration/syracuse/CAdxWebServiceXmlCC   V7 and later, HTTP Basic
//	GET  /soap-wsdl/syracuse/collaboration/syracuse/CAdxWebServiceXmlCC?wsdl
//	POST /adxwsvc/services/CAdxWebServiceXmlCC                               V6, credentials inside callContext; GET with ?wsdl
//	GET  /api1/x3/erp/{folder}/{class}?representation={name}.$query&where=…&orderBy=…&count=…
//
// Points a reader of answers should know:
//
//   - A refusal is HTTP 200 with status 0 and a message of type 3. HTTP 500 is for calls that reach no worker, and for envelopes that
//     the WSDL does not describe.
//   - On a V7 the old address answers 200 with status 0 and not a word.
//   - Every write, also one of the web services, stamps the record and makes lines of the queue.
//   - Days are 20261123, times of day 0930, both in Options.Zone; UPDDATTIM is UTC; UPDTIM is in seconds since midnight.
//   - A query gives the columns of an object: its texts of several lines and its grids need a read. Nothing tells that there are
//     more rows than listSize.
//   - From outside, a task, call or correspondant with an unknown tiers is made without it, with a warning and a line of anomalies; an
//     appointment is refused.
//   - delete takes from a correspondant its representative only.
//
// What is invented, as no document tells it: the codes of CLL, BAP and COR (two sets), of the tables of queue, anomalies, users and
// interlocuteurs, the fields TSKNUM and MINTIMSPG, the form of getDescription and getDataXmlSchema, the action DON, the sub-program
// YPARAM, the texts of the objects' own checks. Place tells where a field is.
//
// Server is an http.Handler; Server.Serve runs it on a listener, Listen on a free port, Server.RoundTripper reaches it without a
// network. Person acts as the product's users do, Fill seeds a site, Fault breaks calls; Journal, Changes, Records and the oracles
// tell what became of it. The same is offered over HTTP below /_sim/. No password and no customer data is in what the server logs
// or keeps in its journal.
package sagex3test
