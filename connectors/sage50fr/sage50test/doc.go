// Package sage50test is a site with Sage 50 (France) on a file server: what it exports into a folder, how it imports what is put there,
// the people who press its buttons, and the ways in which all of it fails.
//
// It is written from the specification alone and shares no type and no code with the client, so that the two cannot agree on the same
// mistake. What no public document settles is a switch (Switches).
//
// A test that has the site on a share, one position of a switch, and somebody who imports within three days:
//
//	s, err := sage50test.Create(server.Dir(sharetest.ShareERP), sage50test.Options{Switches: sage50test.Switches{Ack: sage50test.AckLeft}})
//	s.SetHabits(sage50test.Habits{Imports: true, ImportBefore: 72 * time.Hour, AnswerAfter: true})
//	w, err := s.Begin("DUPONT", sage50test.Export{Kind: sage50test.Clients}, 5) // a file that grows with each w.Step()
//	… the client reads s.Out("DUPONT"), puts devis-1.TXT into s.In("DUPONT") …
//	err = s.Advance(24 * time.Hour)
//	docs := s.Documents("DUPONT")
//	wrong, err := s.Trespasses() // what the client did to files where it must not
//
// Points a reader of its files should know:
//
//   - The clock is the site's own (Advance, or Run for the real one). Files have its time, and Skew on top.
//   - An export is written in place: the file is there and empty first, then grows.
//   - A TAB inside a value shifts what is behind it; nothing is quoted. A line break makes two lines.
//   - Signs that a code page lacks are question marks in an export.
//   - A file of imports has headings, in any order and however they are spelled, TAB between its cells, a decimal comma, dates
//     DD/MM/YYYY, Oui and Non. It is prospects-N, contacts-N or devis-N, with .TXT. E and L stand in a column that has nothing else, of
//     whatever heading; without it a line has a code article.
//   - A row without a code is a new record, which gets its code from Sage; one with a code changes the record. A document is taken
//     whole or not at all, gets its number, prices, taxes and total, and is a quote; another type is refused.
//   - The journal tells of an import that changed or made a client, and of one that brought a price.
//   - To deny others a file takes a server that knows share modes: Hold and Export.Through with a sharetest.Samba.Station.
//
// What is invented, as no document tells it: all columns but those of documents and the clients' first twelve, the column Référence libre,
// all lengths, the heading Enregistrement of E and L, the forms of codes and numbers, the list of prices T2, the lines of .ERR
// (Ligne N;column;reason), and when an import refuses. An import that took no row leaves its file as it is.
package sage50test
