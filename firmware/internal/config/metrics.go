package config

// Metrics says where numbers about the box are read. The zero value is nowhere.
type Metrics struct {
	// Port is that of TCP at which the box answers GET /metrics, on all its addresses; 0 = none. Whoever reaches it may read.
	Port int
}

type fileMetrics struct {
	Port int `toml:"port"`
}

// leastPort is the first one that no standard service has.
const leastPort = 1024

func (f *fileMetrics) convert() (Metrics, error) {
	if f.Port != 0 && (f.Port < leastPort || f.Port > 65535) {
		return Metrics{}, keyError("metrics.port", "", "want 1024 to 65535, such as 9464, or 0 for none")
	}
	return Metrics{Port: f.Port}, nil
}
