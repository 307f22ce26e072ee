// Package delta makes the payloads of an update, and makes the image of a slot out of them: a whole image, compressed,
// or what must be known besides the image of the slot that runs. Frames decode one by one, window by window, in
// bounded memory, with the old image behind an io.ReaderAt.
//
// The decoders check every length and offset that they read: bytes that no encoder of ours made give an error, or windows
// that are not those of the window list; they never panic and never take more memory than sound ones. Whoever calls
// them has checked the frame's hash first and checks each window's hash after.
//
// A frame of a full payload is one zstd frame (RFC 8878) with a window of 4 MiB at most. Of a delta, the first byte is 0
// and such a zstd frame follows, or 1 and one row of arithmetically coded bits (coder), which are in this order:
//
//	at, at-lo       where in the new image the frame's windows begin, and its ops
//	layout          what of the old image refers to what: segments, bases, regions
//	ops             how many; kind, length, and of a copy how far old and new lie apart
//	windows         op by op: bytes of a literal; of a patched copy, word by word, which of the guesses is right, or its bytes
//
// Ops are those of bsdiff: copies from the old image, with differences, and bytes that are new. What is ours is that a
// word of a copy is not only expected to be what it was. Branches, ADRP and what belongs to it, addresses, and offsets in
// the tables of the Go runtime refer to something, and the ops say where that has moved, so that the decoder works
// out what the word should be now. Google's Courgette and zucchini go the same way with disassemblers on both sides; here the
// encoder alone understands programs, and the decoder follows hints that can't do more than cost bytes.
package delta
