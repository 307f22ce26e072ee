// Package cuts drives the updater through whole stories of an update over a recorded disk (package otatest), cuts the
// power everywhere, judges every disk that is left, and lets the box go on from it to the end.
//
// A story is a box, what is published, what somebody ordered, and how the new system does: good at once, at fault,
// interrupted by people who power-cycle. Time is that of testing/synctest: a trial takes no time.
//
// The updater's database is a real bbolt file in a temporary folder. Its commits are seen from outside: whenever the
// updater calls out, the file is compared with what it was. A commit counts as bbolt writes it, which the traced runs of
// sync/store show: changed pages in any order, a sync, the page of the head, a sync.
package cuts
