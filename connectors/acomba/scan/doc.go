// Package scan finds the cards that changed in a file of fixed-size cards, without knowing what is in
// them and without ever trusting a time stamp.
//
// It keeps two levels of notes: one xxh3-64 hash for each block of up to 256 KiB of whole cards, and
// packed pages of one signature for each card. A block whose hash is the accepted one never touches
// its pages. A block that differs is suspect and is read again after a quiet time; only a card with the
// same bytes in two reads is accepted, and only then does its signature move on. A file that is being
// written all the time thus never yields a half-written card, and never hides a changed one: what was not
// accepted is looked at again next time.
//
//	     First: hash differs         Again: all cards equal twice, or as accepted
//	settled ───────────────► suspect ─────────────────────────────────────────────► settled
//	                          ▲    │ some card moved, locked or being written
//	                          └────┘
//
// The file is read ahead of who looks at it, two windows of blocks at a time, and hashed by the goroutines
// that read it: where a line is waited for, a look takes as long as reading the file.
//
// Memory is 4 MiB of blocks, 16 bytes for each block of the file, and 8 bytes for each card of a block
// that changed (Known) or would not stand still.
package scan
