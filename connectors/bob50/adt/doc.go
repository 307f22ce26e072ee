// Package adt reads Advantage free tables: the .ADT files of Sage BOB 50, and their memo files (.ADM).
//
// It reads a copy that nobody writes to, in one pass with a bounded buffer, and never writes one. The layout is that of
// tables which Advantage itself wrote; it was measured on public sample tables of the readers node_adt and Ruby-ADT and of
// the Aquarium demonstration, and the type codes are the constants of the Advantage Client Engine. Where no sample shows a
// layout, the Field says so (Layout); what nobody knows comes as raw bytes.
//
//	0               header, 400 bytes: "Advantage Table", number of rows, lengths
//	400             one descriptor of 200 bytes for each field
//	header length   rows of one length: status byte, four bytes of zero, the fields
//
// All integers are little-endian, but for the header of the memo file.
package adt
