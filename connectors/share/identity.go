package share

import "io/fs"

// FileID tells which file a path led to, so that a replaced one is noticed: the server's file id (the
// inode number on Linux). A FileInfo with a method FileID() uint64 answers for itself. 0 = unknown.
//
// An id may be used again after its file is deleted: equal ids alone prove no equal content.
func FileID(info fs.FileInfo) uint64 {
	if own, ok := info.(interface{ FileID() uint64 }); ok {
		return own.FileID()
	}
	return systemID(info)
}

// Look is which file a path led to and how long it was: what must still be true after reading.
type Look struct {
	ID   uint64 // FileID, 0 = unknown
	Size int64  // bytes
}

// LookAt takes the Look out of a FileInfo.
func LookAt(info fs.FileInfo) Look { return Look{ID: FileID(info), Size: info.Size()} }

// SameFile says whether two looks can be the same file, unchanged in length. Two unknown ids count
// as equal.
func SameFile(a, b Look) bool { return a == b }
