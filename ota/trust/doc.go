// Package trust says what a box may install: it follows the signed metadata of The Update Framework 1.0
// (https://theupdateframework.github.io/specification/v1.0.33/) from the root that the box came with to the manifests of
// what is published. Nobody else reads that metadata.
//
// # Who can do what
//
// Whoever owns the update server, or the line to it, can withhold updates, for a week unnoticed: the timestamp ends
// then (update-frozen). They can't offer what two holders of the targets keys have not signed (update-signature), nor older
// metadata than the box has seen (update-rollback), nor parts of different states (update-mixed), nor files without end
// (update-too-big). Whoever has stolen the keys of timestamp and snapshot as well, which are online, can drive the version
// numbers up, so that the box refuses the true ones; a new root that takes these keys away makes it forget those numbers.
// Two keys of root or of targets are safe with people who are not the same.
//
// # What is remembered
//
// State holds the newest verified metadata and their versions as plain integers; the integers lie a second time where no
// file system is (package floors). An older version than either is refused, even if no stored file can be read any more, and
// a stored file that can't be read never stands in the way of an honest server: it counts as not there.
//
// # Time
//
// A box may not know the time. Trusted time is the latest that is certain to be over: when the program was built, when a
// trusted clock was last seen, when the newest timestamp was issued, and the clock, if it is trusted. Metadata are
// refused only if they had ended by then. No timestamp moves trusted time beyond the end of the root, and a root that takes
// the timestamp's keys away also takes back what these keys have said of the time. What a trusted clock has shown is
// remembered only if nothing had ended by then, so that a clock that was wrong once can't shut the box out for ever.
package trust
