package slot

import (
	"fmt"

	"syncbox/ota/bundle"
)

// Writer writes the windows of an image.
type Writer struct {
	d        Device
	unsynced int
}

// NewWriter gives a writer to d.
func NewWriter(d Device) *Writer { return &Writer{d: d} }

// Write writes a window, the i-th of the image, and syncs where much was written since the last time.
func (w *Writer) Write(i int, window []byte) error {
	at := int64(i) * bundle.WindowSize
	if at+int64(len(window)) > w.d.Size() {
		return fmt.Errorf("write window %d: %w", i, ErrTooLarge)
	}
	if w.unsynced+len(window) > SyncEvery {
		if err := w.Sync(); err != nil {
			return err
		}
	}
	w.unsynced += len(window)
	if _, err := w.d.WriteAt(window, at); err != nil {
		return fmt.Errorf("write window %d: %w", i, err)
	}
	return nil
}

// Sync returns once all that was written, now or before, is on the medium.
func (w *Writer) Sync() error {
	if err := w.d.Sync(); err != nil {
		return fmt.Errorf("sync slot: %w", err)
	}
	w.unsynced = 0
	return nil
}
