// Package bob50 reads the third parties and the persons of a company of Sage BOB 50 from its backup, and hands changes to BOB's
// module LINK.
//
// Confirmed by public documents: tables of Advantage (.ADT, .ADM) in one folder for each company; the table AC_COMPAN of third
// parties and the names of its columns; that data are taken in by LINK, from dBASE files or lines of fixed width; that a sync
// needs a backup.
//
// Not known, and therefore a setting or a site's Map: the table of persons, where custom fields lie, which columns are there and
// how wide (the table's own header tells), what BOB's backup looks like, what LINK does to a third party that is there already,
// what becomes of its file, and which files mark the generation that keeps its data in MySQL, which can't be read.
//
// The live tables are never opened: only their names and times are looked at. A backup is copied to the box and decoded there.
// What is handed to LINK counts as written when a later backup shows it.
package bob50
