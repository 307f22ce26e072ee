// Package sharetest holds a share that misbehaves on request, for the tests of those who read one: FS
// wraps any fs.FS with faults that are fields, Samba is a real SMB server of one's own on loopback.
//
// It shares no types with package share: what it imitates it takes from the protocol.
package sharetest
