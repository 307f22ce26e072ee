// Package sagecrmtest is a Sage CRM that runs in this process: its SOAP web services, its REST interface, the people at its console, and
// the ways in which it fails.
//
// It is written from the specification alone and shares no type with the client, so that the two cannot agree on the same mistake. What
// no public document settles is a switch (AllSwitches, Positions).
//
//	POST /crm/eware.dll/webservices/soap              SOAP 1.1; GET answers 200 with 0 bytes
//	GET  /crm/eware.dll/webservices/webservice.wsdl   empty unless soap.wsdl is shown
//	     /sdata/crmj/sagecrm2/-/company('43')         SData 2.0: HTTP Basic, GET POST PUT (or PATCH) DELETE
//	GET  /sdata/crmj/sagecrm/-/company                SData 1.1, read-only
//
// Points a reader of answers should know:
//
//   - Predicates have the names of the database (comp_name), answers and what is added or updated the short ones (name). In REST all have
//     the names of the database, in any case.
//   - Times are the server's local ones, without a zone; comparisons and queryid go by them, so that an hour comes twice when summer time ends.
//   - Any call but next closes a query. A record that was deleted since the query began is left out.
//   - A comparison with a field that has no value never holds, <> neither; texts are compared without case.
//   - Deleting is soft, and takes what belongs to a record along. A company may keep the id of a primary address that is gone.
//   - An add, update or delete takes at most Options.MaxRecords records. Whether one that is refused undoes the others is soap.write.
//   - What the product stamps itself (dates, users, deleted) is overlooked where it is sent.
//
// What is invented, as no document tells it: the elements name, caption, type, length, required and readonly of getmetadata and the same
// of $prototypes, fieldname of getdropdownvalues, id and flag of queryid, crmid, updatesuccess, numberupdated, deletesuccess and
// numberdeleted of the writes, version of getversionstring, the columns *_companyid and *_personid of address, phone and email, emai_type,
// comp_language, comp_bobid and the comp_c_ ones; that a page of REST has 10 records where count is absent; the status 201 of a create;
// the texts of all faults but the two that are known, and the bound on the records of a write. What a parameter of queryid is called is
// not told either: it takes queryString, where or whereClause, and date, lastDate or sinceDate.
//
// Server is an http.Handler; Server.Serve runs it on a listener, Listen on a free port, Server.RoundTripper reaches it without a
// network. Console acts as people do, Fill seeds a site, Fault breaks calls; Journal, Changes, Records and the oracles tell what became
// of it. The same is offered over HTTP below /_sim/. No password, no session id and no customer data is in what the server logs, refuses
// with, or keeps in its journal.
package sagecrmtest
