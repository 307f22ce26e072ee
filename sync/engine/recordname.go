package engine

import (
	"fmt"
	"strings"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// RecordName gives the name of a record for commands: "account/erp/12", or "account/crm/1001" where it has no key in the ERP.
func RecordName(e record.Entity, erp, crm record.Key) string {
	side, key := connectors.ERP, erp
	if erp == "" {
		side, key = connectors.CRM, crm
	}
	return fmt.Sprintf("%s/%s/%s", e, side, key)
}

// recordOf reads the name of a record.
func (e *Engine) recordOf(name string) (entity record.Entity, side connectors.Side, key record.Key, err error) {
	parts := strings.SplitN(name, "/", 3)
	if len(parts) == 3 && parts[2] != "" && fitKey(parts[2]) && e.Profile.Entity(record.Entity(parts[0])) != nil {
		for _, side := range []connectors.Side{connectors.ERP, connectors.CRM} {
			if parts[1] == side.String() {
				return record.Entity(parts[0]), side, record.Key(parts[2]), nil
			}
		}
	}
	return "", 0, "", fmt.Errorf("%w: no record has the name %q", ErrNoSuch, name)
}
