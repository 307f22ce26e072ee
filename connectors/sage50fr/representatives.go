package sage50fr

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"syncbox/connectors/record"
)

// longestName is how many characters of a representative's name an import file takes.
const longestName = 30

// validateNames makes sure that each name of a representative means one code.
func (c Config) validateNames() error {
	seen := map[string]bool{}
	for _, code := range slices.Sorted(maps.Keys(c.Representatives)) {
		name := strings.ToLower(strings.TrimSpace(c.Representatives[code]))
		switch {
		case strings.TrimSpace(code) == "" || name == "":
			return errors.New("representatives: a code or a name is empty")
		case len([]rune(name)) > longestName:
			return errors.New("representatives: a name has more than 30 characters")
		case seen[name]:
			return errors.New("representatives: two codes have one name")
		}
		seen[name] = true
	}
	return nil
}

// nameOf gives what documents say of a representative: the full name where the site's table has one, else the code (S50-37).
func (c *Config) nameOf(code string) string {
	if name := strings.TrimSpace(c.Representatives[code]); name != "" {
		return name
	}
	return code
}

// named puts the code of a representative in the place of a name that documents have.
func (c *Config) named(fields record.Fields) {
	said := strings.TrimSpace(fields["representative"].Text)
	for code, name := range c.Representatives {
		if said != "" && strings.EqualFold(said, strings.TrimSpace(name)) {
			fields["representative"] = record.RefOf(record.Key(code))
		}
	}
}
