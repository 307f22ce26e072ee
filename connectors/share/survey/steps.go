package survey

import "syncbox/connectors/share"

// Target is a folder on a server, as far as a person knows it. What is empty ends the way there: without a user
// after StageNegotiate, without a share after StageShares.
type Target struct {
	Server   string // host name or address
	Port     int    // 0 = 445
	User     string
	Domain   string // may be empty
	Password share.Secret
	Share    string
	Folder   string // within the share, with slashes; empty = the share itself
}
