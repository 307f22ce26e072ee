package handover

import (
	"syncbox/connectors/record"
	"syncbox/connectors/sage50fr"
)

// measure notes how far the import files of quotes are.
func (d *Dossier) measure() {
	for _, o := range d.HandedOver() {
		if o.Entity != record.Quote || o.Key != "" {
			continue
		}
		switch o.State {
		case sage50fr.StateRefused:
			d.legs.Refuse(o.Reference, o.Since)
		case sage50fr.StateHanded:
			d.legs.Write(o.Reference, o.Named)
		case sage50fr.StateTaken, sage50fr.StateUnproven:
			d.legs.Write(o.Reference, o.Named)
			d.legs.Take(o.Reference, o.Since)
		}
	}
}

// timed notes which quotes the exports show now, as a look begins a cycle.
func (d *Dossier) timed(k *sage50fr.Tracking) error {
	d.measure()
	for _, reference := range d.legs.Expected() {
		t, err := k.Of(reference)
		if err != nil {
			return err
		}
		if t.Quote != nil {
			d.legs.Show(reference)
		}
	}
	d.legs.Look()
	return nil
}
