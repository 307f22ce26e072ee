package layout

import (
	"embed"
	"slices"
	"sync"
)

//go:embed refacomba-*.toml
var embedded embed.FS

var parseEmbedded = sync.OnceValue(func() []*Layout {
	entries, err := embedded.ReadDir(".")
	if err != nil {
		panic(err) // the folder is part of the program
	}
	var layouts []*Layout
	for _, entry := range entries {
		text, err := embedded.ReadFile(entry.Name())
		if err != nil {
			panic(err)
		}
		l, err := Parse(entry.Name(), text)
		if err != nil {
			panic(err) // a layout we ship ourselves
		}
		layouts = append(layouts, l)
	}
	return layouts
})

// Embedded gives the reference layouts that come with the program, refacomba for SIM-1 and SIM-2.
// They are invented and claim no match with real files.
func Embedded() []*Layout { return slices.Clone(parseEmbedded()) }

// EmbeddedText gives the text of an embedded layout by Layout.Name, as a start for a technician's
// own; nil if there is none of that name.
func EmbeddedText(name string) []byte {
	text, err := embedded.ReadFile(name)
	if err != nil {
		return nil
	}
	return text
}
