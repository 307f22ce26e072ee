// Package calibrate finds out how an Acomba version that nobody knows lays out its card files, from a company folder
// and from what a technician reads off Acomba's own screen, and drafts a layout file for it (package layout).
//
// The folder is only ever read. The steps, each a method of Session, in any order and as often as wanted:
//
//	Begin        who calibrates, for which version of Acomba
//	Take         a snapshot: the folder's listing, and a copy of its files as far as they fit into Options.MaxCopy
//	Inventory    which files there are, how they grow, how long their cards may be (sizes, growth, autocorrelation)
//	SetExamples  three or more known customers, products, ... as the screen shows them; a document with its lines
//	Search       finds the examples in the files: file, card size, code page, place and form of each field
//	Compare      two snapshots around one edit in Acomba: field, status, counters, stamps, lock files
//	Draft        writes the layout file and runs its probes on the folder
//	Approve      a second person takes the draft; it is kept in a Book, which gives the path for job.<name>.acomba.layout
//
// A Session keeps its state in a folder after each step, so that it goes on after a restart, and a power cut leaves the
// state before or after the step. What it holds of the examples is customer data and stays in that folder, mode 0600.
// The draft keeps of each table one example, its key alone, for the probe "known". All that the steps return
// (Inventory, Findings, Comparison, Draft.Report) holds offsets, counts and card positions, no text of a customer.
//
// Memory is bounded to less than 32 MiB whatever the folder holds: files are streamed, and of each table a sample of cards is
// looked at. Files of up to 2 GiB are read; larger ones are listed only.
//
// # What it can't find, and asks for
//
//   - The status of a card. Deleted cards look like others: it takes a known deleted record (Example.Deleted), or a
//     comparison around a deletion. Without it no draft is written, since free cards would become customers.
//   - A text in UTF-16, or in a code page other than CP850 and Windows-1252: it is told, and the layout grammar has no
//     word for it.
//   - A field that is blank or equal in all examples. It is left out of the draft, or several places stay possible
//     (FoundField.Others); then Ask names a card of the folder whose content would tell them apart. A guess is left out as
//     well, and blocks an approval where customers or documents need it.
//   - The end of a field behind which nothing ever stands: its length is what is free behind the longest text.
//   - The width of a number whose high bytes are zero in every card: the widest that fits is taken, four bytes for counts,
//     and for amounts where others of the folder surely have four.
//   - Texts aligned to the right, numbers in three bytes, day counts in two, packed decimals without a sign: the layout
//     grammar has no word for them either.
//   - The number of the first card, unless some other card refers to it by its position: 1 is assumed, and told.
//   - Lock bytes and the order in which Acomba writes: a draft is never writable.
//   - Compressed or encrypted files, cards of varying length, cards longer than 64 KiB: nothing repeats, which is told.
package calibrate
