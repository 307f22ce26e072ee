// Package bootstate is what the boot selector and the box tell each other on the disk: which slot is
// good, which one is on trial, how many tries it has left, and what the parts of each slot sum up to.
//
// It stands in two copies, each one sector of 512 bytes outside of every partition, in the form that
// U-Boot's "env import -c" reads: CRC-32 (IEEE), little-endian, of the 508 bytes behind it, then
// "key=value" strings ended by NUL, padded with NUL. The valid copy with the higher seq counts. A
// writer, the selector or the box, writes seq+1 into the other copy, so that a torn write leaves the
// copy before it. Where no copy is valid, the selector takes slot a and checks nothing (First).
//
// The life of the slot that is not good, as the box drives it:
//
//	           Writing          Ready          Trying           MarkGood
//	(anything) ───────▶ PhaseWriting ─────▶ PhaseReady ─────▶ PhaseTrying ─────────▶ PhaseGood
//	                                          ▲     ▲              │ Fail, or tries used up
//	                                          │     └── Trying ────┤
//	                                          └─ PhaseFailed ◀─────┘
//
// While it is being written its sums are the word "x", which no part can sum up to, so that a cut of
// the power at any moment leaves a slot that the selector refuses.
package bootstate
