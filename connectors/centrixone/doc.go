// Package centrixone reads and writes the CRM CentrixOne over its web API.
//
// The public guide (centrix.one, FAQ "CentrixOne API", 2024-06-17) confirms: the host; the URL form
// /API_WEB/<language>/<resource>-<account>-<key>-<base filter>.awp with the key in the path; GET that
// reads and POST that adds or edits arrays; "Result":"Success" in JSON as the only success, even under
// status 200; 503 with Retry-After; Last-Modified and If-Modified-Since with 304; the base filters all,
// C<id>, E<external id> and S<list>; and the resource Contacts. No deletion is described, and none is sent.
//
// The rest is our own reading of what the product shows its users, and the reason why it is kept in two
// places only, wire.go and schema.go: the other resources, the names of the fields, since/after/limit,
// the numbered items of the answer to a POST, and that a POST is done whole or not at all. Two readings
// are switches of Config: which contact of an account is its primary one (PrimaryContact), and how long
// the last part of a path may be (MaxName). What the server's bounds really are is not public either;
// MaxServerLate, IndexLag and Rate say what we assume.
//
// The key is part of every URL: the package rest prints URLs and errors without it.
package centrixone
