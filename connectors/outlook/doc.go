// Package outlook reads and writes contacts, events and tasks of Outlook mailboxes in Exchange Online, by Microsoft Graph
// v1.0 (https://learn.microsoft.com/graph/api/overview).
//
// Confirmed by Microsoft's documentation: delta queries by folder, by list and for a window of the calendar; that an event
// outside of the window is told as removed when it changes, so that a removal is only believed after a 404; immutable ids,
// which tasks do not have; that tasks get another id when they are moved; extended properties of contacts and events, open
// extensions of tasks; 4 requests at a time and 10,000 in ten minutes for each mailbox.
//
// Not known, and therefore borne in either form: whether If-Match is enforced (what is about to be overwritten is read and
// compared first), how long a delta token lives and how its end is told, whether $expand gives a task's extension in lists,
// whether a contact shows that it is private, whether a transactionId is heeded.
//
// Nothing is ever written into the attendees of an event, since that would send invitations.
package outlook
