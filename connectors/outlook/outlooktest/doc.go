// Package outlooktest is Microsoft Graph's mailboxes in this process: contacts, events and To Do tasks of several people, the
// sign-in of an application, the people who work in Outlook, and the ways in which all of it fails.
//
// It is written from Microsoft's public documentation (github.com/microsoftgraph/microsoft-graph-docs-contrib) alone and shares no
// type with the client, so that the two cannot agree on the same mistake. What no public document settles is a switch (Switches).
//
//	POST /{tenant}/oauth2/v2.0/token                                    client credentials
//	     /v1.0/users/{id}/contactFolders[/{fid}[/childFolders]]         and /contacts below each; /contacts alone is the main folder
//	     /v1.0/users/{id}/contactFolders/{fid}/contacts/delta
//	     /v1.0/users/{id}/calendars, /events, /events/{id}/instances    and below /calendar and /calendars/{cid}
//	     /v1.0/users/{id}/calendarView[/delta]?startDateTime=…&endDateTime=…
//	     /v1.0/users/{id}/todo/lists[/delta], /todo/lists/{lid}/tasks[/delta]
//	     …/extensions, …/linkedResources                                below an item
//	POST /v1.0/$batch                                                   at most 20 calls
//
// Points a reader of answers should know:
//
//   - A default id names an item in one folder: after a move it leads nowhere. An immutable id (Prefer: IdType="ImmutableId") stays; it
//     is understood with that header only. Tasks have default ids always, folders, calendars and lists have constant ones.
//   - A round of changes is what the mailbox was when its first page was asked for; a link may be asked for again.
//   - A change of an event outside the window is told as @removed. So is an item that came and went between two rounds.
//   - Writes of extensions and linked resources are never told by a round of changes. A PATCH of an extension replaces all of it.
//   - A write of an event with attendees sends messages at once: Invitations has them, and the copies are in the calendars of those
//     attendees who have a mailbox here.
//   - Lengths are counted in UTF-16, as Exchange counts them.
//   - What a limit refuses does not count against it.
//
// A test that goes over a network, with two mailboxes, one position of a switch and one fault:
//
//	s, err := outlooktest.Listen(t.Context(), outlooktest.Options{
//		Mailboxes: []outlooktest.Mailbox{{Address: "alice@contoso.example"}, {Address: "bob@contoso.example"}},
//		Switches:  outlooktest.Switches{IfMatch: outlooktest.IfMatchIgnored}, // all of them: Positions
//	})
//	id, err := s.Person("alice@contoso.example").Create(outlooktest.Contact, "", outlooktest.Object{"surname": "Dupont"})
//	s.AddFault(outlooktest.Fault{Kind: outlooktest.CloseAfter, Op: outlooktest.OpCreate})
//	… the client works against s.URL, which is Graph and the sign-in …
//	s.Items("alice@contoso.example", outlooktest.Contact)
//
// Server is an http.Handler; Server.Serve runs it on a listener, Listen on a port of its own, Server.RoundTripper reaches it without a
// network. Server.Person acts as the owner of a mailbox does in Outlook, Server.AddFault breaks calls, Server.Journal, Counters, Items
// and Invitations tell what was asked and what came of it. The same is offered over HTTP below /_sim/. No secret, token, body or
// filter is in what the server logs or keeps in its journal.
package outlooktest
