package config

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/pelletier/go-toml/v2"

	"syncbox/firmware/internal/durable"
)

// Machine is what the machine itself needs.
type Machine struct {
	Box     Box
	Network Network
	Updates Updates
	Support Support
	Metrics Metrics
	Page    Page
}

// LoadMachine reads what the machine itself needs, so that a box with an unfinished or a wrong job can still be
// reached, put right and updated: its name, language, network, updates, support, metrics and page. What it returns is always good to use: with
// an error, it is what the file says of each of them as far as that is right, and the defaults (DHCP) for the rest.
func LoadMachine(path string) (Machine, error) {
	var f file
	text, err := os.ReadFile(path)
	if err != nil {
		err = &Error{CodeMissing, fmt.Errorf("read configuration: %w", err)}
	} else {
		err = f.decodeMachine(path, text)
	}
	if f.Box.Data == "" {
		f.Box.Data = filepath.Dir(path) // that it is missing is a matter of the jobs
	}
	box, boxErr := f.Box.convert()
	if boxErr != nil {
		box = f.Box.fallback()
	}
	network, netErr := f.Network.convert(box.Name)
	if netErr != nil {
		network = Network{Hostname: box.Name}
	}
	updates, upErr := f.Updates.convert(box.Zone)
	if upErr != nil {
		updates = (&fileUpdates{Automatic: f.Updates.Automatic}).fallback(box.Zone)
	}
	support, supErr := f.Support.convert() // none where it is wrong
	metrics, metErr := f.Metrics.convert() // as well
	page, pageErr := f.Page.convert(httpPort)
	if pageErr != nil {
		page = Page{Port: httpPort}
	}
	for _, e := range []error{boxErr, netErr, upErr, supErr, metErr, pageErr} {
		if e != nil && err == nil {
			err = &Error{CodeInvalid, fmt.Errorf("read %s: %w", filepath.Base(path), e)}
		}
	}
	return Machine{box, network, updates, support, metrics, page}, err
}

// fallback keeps the choice between automatic updates and others.
func (f *fileUpdates) fallback(zone *time.Location) Updates {
	u, err := f.convert(zone)
	if err != nil {
		panic(err) // the defaults are right
	}
	return u
}

// fallback keeps the name and the folder of a box of which something else is wrong.
func (f *fileBox) fallback() Box {
	good := fileBox{Data: f.Data, Socket: f.Socket}
	if boxName.MatchString(f.Name) {
		good.Name = f.Name
	}
	b, err := good.convert()
	if err != nil {
		panic(err) // the defaults are right
	}
	return b
}

// decodeMachine reads the tables of the machine and leaves the others alone.
func (f *file) decodeMachine(path string, text []byte) error {
	var m struct {
		Box     fileBox     `toml:"box"`
		Network fileNetwork `toml:"network"`
		Updates fileUpdates `toml:"updates"`
		Support fileSupport `toml:"support"`
		Metrics fileMetrics `toml:"metrics"`
		Page    filePage    `toml:"page"`
	}
	if err := toml.Unmarshal(text, &m); err != nil {
		return &Error{CodeInvalid, fmt.Errorf("read %s: %s", filepath.Base(path), explain(err))}
	}
	f.Box, f.Network, f.Updates, f.Support, f.Metrics, f.Page = m.Box, m.Network, m.Updates, m.Support, m.Metrics, m.Page
	return nil
}

// first is the configuration of a box that nobody has set up yet: the values that are missing are those that only
// the site knows. The CRM's address is the product's own.
const first = `# syncbox.toml – voir le guide / see the guide.

[box]
name = %q
data = "/data/jobs"

[network]
# DHCP.

%s`

// WriteFirst writes the configuration of a box that nobody has set up yet, unless there is a file already. Its support may be
// known: a full reset leaves that.
func WriteFirst(path, name string, s Support) error {
	if !boxName.MatchString(name) {
		return keyError("box.name", name, "want 1 to 63 of a-z, A-Z, 0-9 and -, not beginning with -")
	}
	if _, err := os.Lstat(path); !os.IsNotExist(err) {
		return err
	}
	return replace(path, append(fmt.Appendf(nil, first, name, untouched[AcombaCentrixOne]+firstCRM), s.table()...))
}

// replace replaces a file that is for its owner alone.
func replace(path string, text []byte) error {
	if err := durable.WriteFile(path, text, 0o600); err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	return nil
}
