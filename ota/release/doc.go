// Package release is the side of an update that runs at the maker's, never on a box: it makes the keys, keeps the
// signed repository (TUF 1.0, https://theupdateframework.github.io/specification/v1.0.33/) as a folder of static files
// that any HTTP server can serve, and signs orders to boxes.
//
//	metadata/3.root.json        every root there ever was: a box follows them one by one
//	metadata/9.targets.json     what there is to install
//	metadata/12.snapshot.json   which of the above belong together
//	metadata/timestamp.json     that this is the newest state; valid for a week
//	targets/1.4.0/arm64/HASH.full, HASH.full.windows, HASH.1.3.2, …
//
// What each thief can do. Who owns the server: nothing but silence, which boxes notice after a week. Who has the keys of
// timestamp and snapshot, which lie on the machine that renews them: withhold updates, and drive version numbers up, until
// the keys are replaced. Who has one key of root, targets or danger: nothing, as two are needed. Who has the fleet key: ask
// boxes to install what two holders of targets keys have signed. A lost or stolen key is replaced by a new root (Rotate).
//
// Files are written aside and renamed, the timestamp last, so that a server may serve the folder while it is worked on.
package release
