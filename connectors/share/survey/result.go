package survey

import "net/netip"

// Stage is one step on the way to a company's folder.
type Stage string

// The stages in their order. Each needs the ones before it.
const (
	StageName      Stage = "name"      // the server's name has an address
	StagePort      Stage = "port"      // something listens there
	StageNegotiate Stage = "negotiate" // it is a file server, new enough
	StageLogOn     Stage = "log-on"    // it takes user and password
	StageShares    Stage = "shares"    // which shares there are
	StageShare     Stage = "share"     // the share opens
	StageFolder    Stage = "folder"    // the folder can be read
	StageCompanies Stage = "companies" // which companies lie there
)

// Stages gives all stages in their order.
func Stages() []Stage {
	return []Stage{StageName, StagePort, StageNegotiate, StageLogOn, StageShares, StageShare, StageFolder, StageCompanies}
}

// Result is what came out of a stage.
type Result struct {
	Stage Stage
	// OK says that the way goes on. The stage after one that is not is never tried.
	OK bool
	// Code is a health code with its Args, empty where all is well. A stage that is OK may have one as a remark:
	// shares-not-listed where the share is known by name all the same, server-clock-differs.
	Code string            `json:",omitempty"`
	Args map[string]string `json:",omitempty"`

	// What the stage found, as far as it came.

	Addresses []netip.Addr `json:",omitempty"` // StageName, at most 16; the first one is used
	Server    *Server      `json:",omitempty"` // StageNegotiate
	Shares    []Share      `json:",omitempty"` // StageShares: those that hold files, by name, at most 500
	Folders   []string     `json:",omitempty"` // StageFolder: the folders in it, by name; StageCompanies: those for backups; at most 500
	Companies []Company    `json:",omitempty"` // StageCompanies, by folder, at most 200
}

// Share is a share of a server.
type Share struct {
	Name    string
	Comment string `json:",omitempty"`
	Special bool   `json:",omitempty"` // of the administration: C$, ADMIN$
}

// Company is a company's folder as its content tells it.
type Company struct {
	Folder  string   // within the share, with slashes; "." is the share itself
	Version string   // of the program, as the folder says; empty = not told
	Layout  string   // the layout meant for that version, "refacomba/1"; empty = none is, or more than one
	Missing []string `json:",omitempty"` // files that such a folder must have and that are not there
}
