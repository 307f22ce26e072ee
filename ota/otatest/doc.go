// Package otatest cuts the power of an update, at every write and between any two of them, and judges what is left.
//
//   - Log and Disk are a block device that writes down what is done to it. A Replay goes through such a log again
//     and gives the disks that a cut may leave: what was synced is there; of what was not, any part may be, in any
//     order, the last of it torn.
//   - Select is the boot loader's script as its description has it: which slot starts from such a disk.
//   - A Judge holds the choice against what must be true after any cut.
//
// Nothing here shares code with the boot state, the slots or the updater that are tried with it.
//
// The model of a disk: sectors of 512 bytes. A sync makes durable what was written through the very same file, not
// what was written through another one, because each has pages of its own in the memory of the kernel. A write
// through a durable file (O_SYNC) is durable when it returns, and says nothing about the writes before it. What the
// boot loader wrote stands in the cache of the device, and becomes durable with any sync.
package otatest
