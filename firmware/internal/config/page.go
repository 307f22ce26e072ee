package config

// Page says where the local page is served. The zero value is nowhere.
type Page struct {
	// Port is that of TCP at which the box serves its page, on all its addresses; 0 = none.
	Port int
	// HTTPS says that the page is served with the box's own certificate alone: at port 443 where Port is 80, which then only
	// leads there, else at Port.
	HTTPS bool
}

type filePage struct {
	Port  *int `toml:"port"`
	HTTPS bool `toml:"https"`
}

// The ports where a browser looks.
const (
	httpPort  = 80
	httpsPort = 443
)

// Secure gives the port of HTTPS; 0 = none.
func (p Page) Secure() int {
	switch {
	case !p.HTTPS:
		return 0
	case p.Port == httpPort:
		return httpsPort
	}
	return p.Port
}

// convert fills in the port of a box of which the file says nothing: that of HTTP where it is process 1, none elsewhere.
func (f *filePage) convert(usual int) (Page, error) {
	switch {
	case f.Port == nil:
		return Page{usual, f.HTTPS}, nil
	case *f.Port != 0 && *f.Port != httpPort && (*f.Port < leastPort || *f.Port > 65535):
		return Page{}, keyError("page.port", "", "want 80, 1024 to 65535, or 0 for none")
	}
	return Page{*f.Port, f.HTTPS}, nil
}
