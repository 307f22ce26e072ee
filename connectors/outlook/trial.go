package outlook

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"syncbox/connectors/record"
)

// draftName is what a person may read for a moment of what a trial makes.
const draftName = "SyncBox"

// Try looks whether the application may write what is synchronised: it makes a private item, which is never told, and deletes
// it again (X3-4). Nothing else of the mailbox is changed. What it made stays only where its deletion fails, which is an error.
func (m *Mailbox) Try(ctx context.Context) error {
	for _, draft := range m.drafts() {
		if !m.has(draft.entity) {
			continue
		}
		var made struct {
			ID string `json:"id"`
		}
		if err := m.do(ctx, call{method: http.MethodPost, url: draft.at, in: draft.body}, &made); err != nil {
			return err
		}
		drop := call{method: http.MethodDelete, url: m.place(&item{entity: draft.entity, key: record.Key(made.ID)})}
		if err := m.do(ctx, drop, nil); err != nil && !isGone(err) {
			return err
		}
	}
	return nil
}

type draft struct {
	entity record.Entity
	at     *url.URL
	body   map[string]any
}

// drafts are a contact and an appointment of an hour ago, which nobody is reminded of. Tasks have no private mark: what is made
// in their list is shared.
func (m *Mailbox) drafts() []draft {
	at := func(ago time.Duration) map[string]string {
		return map[string]string{"dateTime": m.tenant.cfg.Now().UTC().Add(-ago).Format("2006-01-02T15:04:05"), "timeZone": "UTC"}
	}
	return []draft{
		{record.Contact, m.at(nil, "contacts"), map[string]any{"surname": draftName, "singleValueExtendedProperties": properties{{sensitivity, "2"}}}},
		{record.Appointment, m.at(nil, "events"), map[string]any{"subject": draftName, "sensitivity": "private", "showAs": "free", "isReminderOn": false,
			"start": at(time.Hour), "end": at(time.Hour - 5*time.Minute)}},
	}
}
