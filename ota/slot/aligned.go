package slot

import "unsafe"

// alignment is what reading past the cache asks of memory, places and lengths: the largest sector there is.
const alignment = 4096

// aligned gives n bytes of memory that begin at a multiple of alignment. What is on the heap stays where it is.
func aligned(n int) []byte {
	b := make([]byte, n+alignment)
	skip := -int(uintptr(unsafe.Pointer(unsafe.SliceData(b))) % alignment)
	if skip < 0 {
		skip += alignment
	}
	return b[skip : skip+n : skip+n]
}
