// Package sage50fr reads the exports of a dossier of Sage 50 (France) and hands it import files, in a folder of a share.
//
// Confirmed by public documents: exports and imports by formats that a person makes and starts in the program; documents as
// records E and L, with a first line of headings, tabulators, dates like 31/12/2026, decimal commas, Oui and Non; that an import
// creates a client it does not know; that a file of entries is renamed from .TXT to .BAK once it was taken in.
//
// Not known, and therefore a setting or a Format: how exactly the headings are spelled, which column tells E from L, the encoding,
// whether contacts, products and representatives can be exported, what becomes of an import file, whether the reference of a
// document comes back, where pictures lie.
//
// The program's own files are never opened. An export is copied to the box once two looks at it agree, and decoded there; what
// several exports told is kept in a table on the box, since one may hold only what changed. What was handed over counts as
// written when a later export shows it.
package sage50fr
