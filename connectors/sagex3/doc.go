// Package sagex3 reads and writes what one user of Sage X3 does with customers: correspondents, tasks, calls and
// appointments, by the web services of the ERP (CAdxWebServiceXmlCC).
//
// Confirmed by Sage's own client and help: the operations and their parameters, the grammar of their payloads (GRP, FLD,
// LST, TAB), HTTP Basic from version 7 and the call context's user and password before it, the pool whose number of
// children is 0 by default, the objects TSK, CLL, BAP and COR, the counters that make their numbers, the rights of each
// user (GESSYP), and the queue of changes (FUNSYD).
//
// Not known, and therefore a setting or read in every form: the field codes of calls, appointments and correspondents,
// which are read from the site's own publications; the root element of results; whether every write moves UPDDATTIM;
// whether a line of the queue disappears once it is done; whether XML or JSON comes back.
//
// What X3 itself says of a refused record stays in its trace, whose code we tell: its words may hold a customer's.
package sagex3
