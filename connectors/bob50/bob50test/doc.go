// Package bob50test is a company of Sage BOB 50 in a folder: its Advantage tables, the people who work in it, its backups, the module
// LINK, and the ways in which all of it fails.
//
// It is written from the specification alone and shares no type and no code with the client, so that the two cannot agree on the same
// mistake: the writer of tables (Table), the reader of dBASE files and that of fixed-width files are its own. What no public document
// settles is a switch (Switches).
//
// A test that has the company on a share, one position of a switch, and one fault:
//
//	s, err := bob50test.Create(server.Dir(sharetest.ShareERP), bob50test.Options{
//		Switches: bob50test.Switches{ModifyDate: bob50test.ModifyNever}, // all of them: Positions
//	})
//	path, err := s.Backup(bob50test.Good)
//	err = s.Edit("C000001", bob50test.Fields{"CNAME1": "Crémerie", "CTELNO": nil})
//	err = s.TearLastRow(bob50test.Parties)
//	… the client reads s.Dossier(), s.Backups(), lays its file into s.Link() …
//	report, err := s.Import()
//	p, err := s.Party("C000001")
//	wrong, err := s.Trespasses() // what the client wrote where it must not
//
// Points a reader of its files should know:
//
//   - The clock is the site's own (Advance). Files have its time; MODIFYDATE and CREATEDATE show it without zone.
//   - Some have a memo. The fourth, 14th … is a supplier and no customer, the eighth … has no VAT number, the tenth … has that of the
//     one before it. A deleted row is there from the beginning.
//   - An edit writes its row in place: the memo first, then the row, then the header. The row's old memos stay in the file.
//   - BOB.INI gives its folders by the server's names, S:\COMMON and S:\LINK.
//   - To deny others a file takes a server that knows share modes: Hold with a sharetest.Samba.Station.
//
// What is invented, as no document tells it: the tables of contacts and of custom fields (Contacts, CustomName), the columns of all
// tables but those of third parties and contacts, the lengths of EMAILADDRESS and of the bank's columns, the marks of the generations of
// Paradox and MySQL, the keys of BOB.INI, the answer file CLIENTS.ERR, and when an import refuses.
package bob50test
