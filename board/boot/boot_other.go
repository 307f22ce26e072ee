//go:build !linux

package boot

import (
	"context"
	"log/slog"
)

// Up returns ErrPlatform.
func Up(context.Context, *slog.Logger, Config) error { return ErrPlatform }

// KeepAddress returns ErrPlatform.
func KeepAddress(context.Context, *slog.Logger, Config) error { return ErrPlatform }

// Reap returns ErrPlatform.
func Reap(context.Context, *slog.Logger) error { return ErrPlatform }

// Run returns ErrPlatform.
func Run(*slog.Logger, func(context.Context) error) error { return ErrPlatform }

// PowerOff returns ErrPlatform.
func PowerOff() error { return ErrPlatform }

// Reboot returns ErrPlatform.
func Reboot() error { return ErrPlatform }
