package setup

import (
	"net/http"
	"slices"

	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/web/page"
)

// triedData is what the page of a CRM shows whose values are tried once before they are kept.
type triedData struct {
	sideData
	Kept   *notice // what is wrong with the CRM; the values are kept all the same
	Onward string
}

// keep keeps values that were tried; err is what could not be tried. It gives the status by which the page is shown again, 0 where all
// is well.
func (d *triedData) keep(p *Pages, r *page.Request, changes []config.Change, err error) (status int) {
	d.Notice = p.refused(r, p.keep(changes...), d.fields())
	if d.Notice != "" || slices.ContainsFunc(d.Fields, func(f ownField) bool { return f.Error != "" }) {
		return http.StatusUnprocessableEntity
	}
	if d.Kept = noticeOfError(r, err); err != nil {
		return http.StatusOK
	}
	return 0
}
