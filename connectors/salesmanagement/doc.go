// Package salesmanagement reads and writes accounts, contacts, products, quotes, sales totals and users of Sage Sales Management
// (once ForceManager) by its REST API, version 4 (https://developer.forcemanager.com).
//
// Confirmed by the vendor's documentation and its own connector: the log-on, whose token goes into the header X-Session-Key;
// pages from 0 until an empty one, of 50 rows, with the size in one of two headers; lists that hold deleted rows, newest first;
// references that are objects in answers and integers in requests; PUT that changes what is sent; 400 for an unknown id;
// pictures, whose bytes go to an address that the API gives out.
//
// Not known, and therefore borne in every form: how long a token lives (it is renewed once per 401), how a throttled call is
// answered, whether where takes three dates joined by OR (else everything is read and compared here), whether a key may
// change rows that are read-only for people (else the mark is lifted and put back), whether {"deleted":false} brings a row
// back (else another one is made), fractions of quantities, the writing of users, what errors look like.
//
// Nothing is ever erased: DELETE marks a row as deleted. No write has a condition here: what is about to be overwritten is read and
// compared first. Before a row is made, and after an answer that was lost, it is searched by our identity in extId. Names never
// decide.
//
// Both keys, the token and the addresses that pictures go to are secrets: they stand in bodies and headers of requests alone, and
// in no error or log. What the server says of a refused record is never told, but for its number.
package salesmanagement
