// Package salesmanagementtest is a tenant of Sage Sales Management (once ForceManager) that runs in this process: its API of version 4,
// the store of documents, the people who use the application, and the ways in which all of it fails.
//
// It is written from the specification alone and shares no type with the client, so that the two cannot agree on the same mistake. What
// no public document settles is a switch (AllSwitches, Positions).
//
//	POST   /api/v4/login                       {"username","password"} → {"token"}; then the header X-Session-Key
//	GET    /api/v4/<entity>                    a page; page, where, order, lang; headers X-FM-Entity-Count, count, ExtraFieldDescription
//	POST   /api/v4/<entity>                    a new row
//	GET PUT DELETE /api/v4/<entity>/<id>       PUT changes what is sent
//	GET    /api/v4/<entity>/schema             POST /api/v4/procedure/zapier_schema tells the custom fields
//	POST   /api/v4/products/<id>/documents     → {"id","locator"}; PUT of the locator takes the bytes, on another host (Options.Store)
//
// Points a reader of answers should know:
//
//   - Lists have the newest row first, and deleted rows. order=field is descending too; null comes last.
//   - Expressions know what the vendor's documents show, = > LIKE, NOT LIKE, AND, OR, and nothing else: no brackets, no <, no IS NULL.
//     Texts are compared without case and blanks behind; with a field that is null no comparison holds, NOT LIKE neither.
//   - dateUpdated is null until the first update, a deletion does not move it. Dates have one to three digits of a second.
//   - References must be there and not be deleted. The key acts as user 1.
//   - A change of a row that is softly deleted is 400 with 910, as of one that there never was; but for {"deleted":false}.
//   - external ids are unique among living rows, if they are (extId.unique).
//   - All calls of the API are counted by the limit, those that it refuses too; those of the store are not.
//
// What is invented, as no document tells it: the lengths that the schema gives but those of address2, city and comment, and its outer
// form; that lengths count units of UTF-16; the status 405; that sent members which nobody can write are refused; the words of all
// errors but the three of the codes; that salesForecastDate of an order is refused under both its spellings; the form of a custom
// field with its description; the names and ids of the value lists; that quotes and orders are told apart by their status; number and
// year of a new order; the faces of rates and user types, which have no address; that deleting a quote leaves its lines.
// Hooks are not there, as a box behind NAT could not use them.
//
// Server is an http.Handler; Listen runs it and its store on two free ports, Server.RoundTripper reaches both without a network. App
// acts as people do, Fill seeds a tenant, Fault breaks calls; Journal, Changes, Records, Duplicates and Reverts tell what became of it.
// The same is offered over HTTP below /_sim/. No key, no token, no locator and no customer data is in what the server logs, refuses with,
// or keeps in its journal.
package salesmanagementtest
