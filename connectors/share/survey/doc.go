// Package survey looks for file servers and finds out, step by step, whether a folder on one can be read: what a
// technician wants to know before anything is configured.
//
// Sweep and Ask take part in no log-on: they send SMB2 NEGOTIATE and the first message of NTLM, which every server
// answers to anybody (MS-SMB2 2.2.3 to 2.2.6, MS-NLMP 2.2.1). A Way goes on from there with one log-on at most.
//
// What comes from the network here comes from anybody. An answer is at most 64 KiB, is waited for no longer than the
// caller says, and may hold anything without harm. The user-space SMB client behind the later steps (package smb below)
// gives no such promise, so that it belongs into a process of its own.
package survey
