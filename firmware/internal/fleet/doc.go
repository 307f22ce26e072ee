// Package fleet is support's side of the channel to the boxes: how they are (Roster), an order to one of them and what
// becomes of it (Send), and a release that goes out to a group in waves and halts by itself (Rollout). The words are those of
// package wire, the orders those of package order, signed by whoever uses this package: the broker is not trusted, and
// nothing here holds a key.
//
// What boxes say is not believed either. A message that makes no sense is told as such and changes nothing else, a box is
// known by the topic that the broker let it publish to, and whatever is shown to people has been through Clean.
package fleet
