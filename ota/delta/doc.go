// Package delta makes the payloads of an update, and makes the image of a slot out of them: a whole image, compressed,
// or what must be known besides the image of the slot that runs. Frames decode one by one, window by window, in
// bounded memory, with the old image behind an io.ReaderAt.
//
// The decoders check every length and offset that they read: bytes that no encoder of ours made give an error, or windows
// that are not those of the window list; they never panic and never take more memory than sound ones. Whoever calls
// them has checked the frame's hash first and checks each window's hash after.
package delta
