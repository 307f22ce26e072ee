// Package update brings a box from one release to the next, and back if the next one is no good. Nobody has to be there.
//
// # What it does, in this order, each step on the disk before the next begins
//
//	wish       a signed order names the system that the box shall run. It is kept; nothing else makes a box install anything
//	refresh    the signed list of what is published is followed; both must agree on the system, byte for byte
//	choose     the shortest payload that makes it: out of the system that runs, or whole
//	writing    the boot state says that the other slot must not start
//	write      window by window, each checked before it is written; what is on the slot already is not fetched
//	read       all of it once more, from the medium, against the signed hash
//	record     what this system can reach now, so that the next one is measured by no more than that
//	trying     the boot state lets the other slot start three times
//	restart
//	trial      the new system looks at itself: it commits itself, or gives the box back
//
// # A trial
//
// What is wrong with the new system itself ends the trial at once. A network that it does not reach ends it after
// half an hour in which there was a link; then the old system looks whether it gets any further. If it does, the new one is
// at fault, and its hash is refused until somebody orders it anew. If it does not, the new one is acquitted and started
// again: provisional, which means that it may wait a day before the two are compared once more. So no outage
// takes a fleet back, and no system that has lost the network for good keeps a box.
//
//	start of the system         found in the boot state and the record        what is done
//	normal                      nothing begun                                 wait for wishes
//	normal                      writing                                       go on writing
//	normal                      trying, but the state was not written         go on writing (all is there already)
//	normal, from the new slot   trying: the commit was written, its record not   record the success
//	trial                       trying                                        look, then commit or give back
//	trial                       trying, begun before, the watchdog has bitten give back
//	trial                       nothing: the record is lost                   the same, with the usual times; its floor is
//	                                                                          read out of the signed list later
//	unreadable                  trying                                        end the trial; once more by itself, then bad
//	rolled back                 a fault was recorded                          bad
//	rolled back                 a network was missed, or provisional          compare
//	rolled back                 the watchdog has bitten                       bad
//	rolled back                 no reason known                               once more by itself, then bad
//	good slot damaged           anything                                      look, then take over; the other slot is written anew
//
// # Whom a wish is for
//
// One box, a group, or a wave of a group: a rollout, of which each box knows by its name whether it takes part. Groups are what
// support says they are. The last word of all of them counts.
//
// # What is trusted
//
// The order by its keys (package order), the manifests by theirs (package trust), the payload by the hashes of the manifest.
// A file that comes by USB stick goes the same way. Neither an older system than the floor nor, without an order
// of two keys, one older than that which runs is installed.
//
// # What is kept
//
// Record and trust state lie in one small database of their own, and change together. One that can't be read is set
// aside and begun anew: the factory's root and the floors outside of every file system hold then. It never keeps a box from
// starting, and no step that brings an old system back waits for it.
package update
