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
// A list shows the fields of headers only, with X3's stamps: what changed is told by these, and read. The list of appointments
// is everybody's, since nothing selects those in which a user takes part. Where revisions are not counted (UPDTICK), what was
// changed in the last day is read again, and once a day everything.
//
// A user's deletion of a correspondent takes only the assignment away. An appointment is written for its owner alone.
//
// What X3 itself says of a refused record stays in its trace, whose code we tell: its words may hold a customer's.
package sagex3
