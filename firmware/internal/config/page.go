package config

// Page says where the local page is served. The zero value is nowhere.
type Page struct {
	// Port is that of TCP at which the box serves its page, on all its addresses; 0 = none.
	Port int
}

type filePage struct {
	Port *int `toml:"port"`
}

// httpPort is where a browser looks.
const httpPort = 80

// convert fills in the port of a box of which the file says nothing: that of HTTP where it is process 1, none elsewhere.
func (f *filePage) convert(usual int) (Page, error) {
	switch {
	case f.Port == nil:
		return Page{Port: usual}, nil
	case *f.Port != 0 && *f.Port != httpPort && (*f.Port < leastPort || *f.Port > 65535):
		return Page{}, keyError("page.port", "", "want 80, 1024 to 65535, or 0 for none")
	}
	return Page{Port: *f.Port}, nil
}
