package sim

import (
	"time"

	"syncbox/connectors"
	"syncbox/sync/sim/product"
)

// pace has the ERP of a world looked at in every fourth cycle only, until everybody is to come to rest.
type pace struct{ w *world }

// Pause implements connectors.Pacer.
func (p pace) Pause(usual time.Duration) time.Duration {
	if p.w.calm {
		return usual
	}
	return 4 * usual
}

// The ERPs that are looked at less often.
type (
	pacedResolving struct {
		product.ResolvingERP
		pace
	}
	pacedByHand struct {
		product.HandoffERP
		pace
	}
	pacedPlain struct {
		product.PlainERP
		pace
	}
)

var _, _, _ connectors.Pacer = pacedResolving{}, pacedByHand{}, pacedPlain{}

// paced gives the ERP of a world with its pace, if it has one.
func (w *world) paced(erp connectors.Source) connectors.Source {
	if !w.shape.Scarce {
		return erp
	}
	switch erp := erp.(type) {
	case product.ResolvingERP:
		return pacedResolving{erp, pace{w}}
	case product.HandoffERP:
		return pacedByHand{erp, pace{w}}
	case product.PlainERP:
		return pacedPlain{erp, pace{w}}
	}
	return erp
}
