// Package enrol gets the box a certificate of support's authority, and keeps it from running out.
//
// The key is made on the box and never leaves it. What leaves is a request with the box's name; what comes back is a
// certificate, in one of two ways: a file that a person brings (Request, Install, Exchange), or a server that speaks EST
// (RFC 7030), to which the box shows the serial number and the code of its label (Claim). A server is believed only where its
// certificate comes from an authority that the box knows: one that a person brought, or that the one before it has signed.
//
// A new certificate stands beside the old one until it has connected. Two places hold certificates, a third file says which
// is which:
//
//	                 Install, Renew                 Connected
//	proved ─────────────────────────► proved + new ───────────► proved (the new one; the old one is removed)
//	  ▲                                │        ▲
//	  │ refused thrice                 │Refused │ after a while
//	  └────────── proved (connects) ◄──┴────────┘
//
// Each file is replaced as a whole, the certificate before the file that names it: a power cut at any instant leaves the one
// or the other. What the third file says is a hint; without it, certificates are taken for what they say of themselves.
//
// Where the clock is not trusted, nothing is concluded from a date that takes something away: no certificate counts as
// outdated, and other people's certificates are looked at as of an instant at which the box's own is good. A renewal is
// begun all the same, once: the next one waits for the time, or for a word of support.
package enrol

// Folder of the box, and what lies in it:
//
//	box.key     the key, PKCS #8; 0600
//	a.crt b.crt certificate, those between it and its authority, authorities: PEM, in this order
//	state.json  which of both is in use, which is on trial
//	ca.crt      the authority before there is a certificate, where a person brought it
//	claim.json  serial number and code of the label, until the server has answered; 0600
const (
	keyFile   = "box.key"
	rootsFile = "ca.crt"
	stateFile = "state.json"
	claimFile = "claim.json"
)

// Files that people carry between the box and whoever has the authority.
const (
	RequestFile     = "box.csr" // from the box: PKCS #10, PEM
	CertificateFile = "box.crt" // to the box: the certificate, and those between it and the authority, PEM
	AuthorityFile   = "ca.crt"  // to the box: the authority, PEM
)

// MaxFile is the most that is read of a file or of an answer, in bytes.
const MaxFile = 64 << 10
