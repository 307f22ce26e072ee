package peers

import (
	"context"
	"fmt"
	"log/slog"
	"syscall"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/engine"
	"syncbox/sync/mapping"
	"syncbox/sync/store"
)

// Config says what a Box carries where.
type Config struct {
	File string // the CSV file
	ID   string // its column that identifies a row
	Sink string // URL
	Dir  string // of the databases
	Log  *slog.Logger
}

// Box is a job between a CSV file and a sink, on the databases of the product.
type Box struct {
	cfg   Config
	csv   *meter
	files *store.Files
}

// Pass is what one cycle took. Times are processor time of the whole process; Wall is the time that passed.
type Pass struct {
	Detect time.Duration `json:"detect"` // finding what changed, making that durable included
	CPU    time.Duration `json:"cpu"`
	Wall   time.Duration `json:"wall"`
	Sent   int           `json:"sent"` // records that the sink acknowledged
}

// Open opens the databases, or makes them.
func Open(cfg Config) (*Box, error) {
	source, err := OpenCSV(cfg.File, cfg.ID)
	if err != nil {
		return nil, err
	}
	files, err := store.OpenJob(cfg.Dir, device, "peers", seed, time.Now())
	if err != nil {
		return nil, err
	}
	return &Box{cfg: cfg, csv: &meter{CSV: source}, files: files}, nil
}

// device names the box in its databases and its idempotency keys.
const device = "bench"

// seed of the digests in a new state; any number will do.
const seed = 7

// Close closes the databases.
func (b *Box) Close() error { return b.files.Close() }

// Pass runs one cycle, posting at most batch records in a request. It fails unless all went well.
func (b *Box) Pass(ctx context.Context, batch int) (Pass, error) {
	target := NewTarget(b.cfg.Sink, batch, b.csv.Columns())
	defer target.Close()
	e, err := b.engine(target)
	if err != nil {
		return Pass{}, err
	}
	start, cpu := time.Now(), used()
	if err := e.Cycle(ctx); err != nil {
		return Pass{}, err
	}
	p := Pass{Detect: b.csv.spent, CPU: used() - cpu, Wall: time.Since(start)}
	status := e.Status()
	if way := status.Ways[0]; way.Outcome != engine.Success {
		return p, fmt.Errorf("cycle: %s: %s", way.Outcome, way.Code)
	}
	p.Sent = status.Last.Created[0] + status.Last.Updated[0]
	return p, nil
}

func (b *Box) engine(target *Target) (*engine.Engine, error) {
	profile := Profile(b.csv.Columns())
	m, err := mapping.New(profile, b.csv, target, false, b.files.State.Seed)
	if err != nil {
		return nil, err
	}
	settings := engine.Default()
	settings.Device = device
	return engine.New(engine.Ports{Profile: profile, ERP: b.csv, CRM: target, Mapper: m, State: b.files.State, Cache: b.files.Cache,
		Clock: clock{}, Log: b.cfg.Log}, settings)
}

// Profile carries every column to the sink under its own name, one way.
func Profile(columns []string) *connectors.Profile {
	rule := connectors.EntityRule{Entity: record.Account, ExternalID: external}
	for _, name := range columns {
		rule.Fields = append(rule.Fields, connectors.FieldRule{ERP: name, CRM: name, Policy: connectors.OwnERP})
	}
	return &connectors.Profile{Pair: "csv to sink", Names: connectors.Names{ERP: "CSV", CRM: "sink"}, KeyZone: "UTC", Entities: []connectors.EntityRule{rule}}
}

// meter measures what looking at the file costs.
type meter struct {
	*CSV
	spent time.Duration
}

func (m *meter) Observe(ctx context.Context, o connectors.Observation) error {
	before := used()
	defer func() { m.spent = used() - before }()
	return m.CSV.Observe(ctx, o)
}

// used gives the processor time of this process so far.
func used() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err) // of a wrong argument only
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// clock is the machine's.
type clock struct{}

var began = time.Now()

func (clock) Now() time.Time                         { return time.Now() }
func (clock) Steady() time.Duration                  { return time.Since(began) }
func (clock) After(d time.Duration) <-chan time.Time { return time.After(d) }
