// Package signin is Intuit's OAuth 2 service as it runs in this process, and beside it the hosted
// relay that keeps the client secret for the boxes.
//
// It is written from the description of the service alone and shares no type with the client, so
// that the two cannot agree on the same mistake. Paths, grants and lives are those of Intuit's
// public guides and kits; what those leave open is a switch (Switches) or said here.
//
//	GET  /connect/oauth2              the page where a person signs in, chooses a company and consents
//	POST /oauth2/v1/tokens/bearer     a code, or a refresh token, for tokens
//	POST /v2/oauth2/tokens/revoke     the end of a connection
//
// Points a reader of answers should know:
//
//   - A refresh within 24 hours of a refresh token's issue gives the same string again, a later one a
//     new string; the old one is dead from that moment, whether or not the new one arrived.
//   - A refresh token dies 100 days after its last use, and a connection after five years (1,825 days).
//     The answer tells 8,726,400 seconds for the first, which is a day more than the truth.
//   - A code lives ten minutes and is good once.
//   - Whatever is wrong with a link to the authorize page shows as a page of status 400: nothing goes
//     to the redirect address. A person who refuses goes back with error=access_denied.
//   - A person who connects a company anew ends the connection that it had.
//   - Somebody who lost access to the company can still refresh; the accounting API refuses him.
//
// Server is an http.Handler. Server.SignIn acts as the person, Server.Check is what the simulator of
// the accounting API asks about a bearer token, Disconnect and LoseUser are what a customer does in
// QuickBooks. AddFault breaks calls. Journal, Counters, Overlaps and StaleUses tell what was asked.
// Control offers the same over HTTP below /_sim/. Relay is a handler of its own. No secret, token,
// code, state or realm is in a journal or a log.
package signin
