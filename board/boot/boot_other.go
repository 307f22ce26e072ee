//go:build !linux

package boot

import (
	"context"
	"log/slog"
	"time"
)

// Up returns ErrPlatform.
func Up(context.Context, *slog.Logger, Config) error { return ErrPlatform }

// Prepare returns ErrPlatform.
func Prepare(*slog.Logger, string) error { return ErrPlatform }

// LoadModules returns ErrPlatform.
func LoadModules(*slog.Logger, string) error { return ErrPlatform }

// Lease is nothing.
type Lease struct{}

// Network returns ErrPlatform.
func Network(context.Context, *slog.Logger, Config) (Lease, error) { return Lease{}, ErrPlatform }

// MountData returns ErrPlatform.
func MountData(context.Context, *slog.Logger, Data) error { return ErrPlatform }

// Now returns ErrPlatform.
func Now(string) (Link, error) { return Link{}, ErrPlatform }

// StepClock returns ErrPlatform.
func StepClock(time.Time) error { return ErrPlatform }

// SlewClock returns ErrPlatform.
func SlewClock(time.Duration) error { return ErrPlatform }

// KeepAddress returns ErrPlatform.
func KeepAddress(context.Context, *slog.Logger, Config, Lease) error { return ErrPlatform }

// Run returns ErrPlatform.
func Run(*slog.Logger, func(context.Context) error) error { return ErrPlatform }

// Card returns ErrPlatform.
func Card(string) (string, error) { return "", ErrPlatform }

// Sticks returns ErrPlatform.
func Sticks(string) ([]Stick, error) { return nil, ErrPlatform }

// Volume is a mounted volume of a stick; there are none.
type Volume struct{}

// MountVolume returns ErrPlatform.
func MountVolume(string, string) (*Volume, error) { return nil, ErrPlatform }

// Dir gives nothing.
func (*Volume) Dir() string { return "" }

// Write returns ErrPlatform.
func (*Volume) Write(func() error) error { return ErrPlatform }

// Unmount returns ErrPlatform.
func (*Volume) Unmount() error { return ErrPlatform }
