package centrixonetest

import "slices"

// primaries works out IsPrimary and PrimaryContactId again after a contact changed.
func (t *tx) primaries(before, after *Contact) {
	if before != nil && after != nil && before.AccountID == after.AccountID && slices.Equal(before.Lists, after.Lists) {
		return
	}
	var accounts []int64
	for _, c := range []*Contact{before, after} {
		if c != nil {
			accounts = append(accounts, c.AccountID)
		}
	}
	if after != nil && after.AccountID == 0 {
		t.markPrimary(after.ID, false)
	}
	for _, id := range slices.Compact(accounts) {
		t.primary(id)
	}
}

// primary gives an account the oldest of its contacts in a protected list; of two, the smaller id.
func (t *tx) primary(account int64) {
	if account == 0 {
		return
	}
	var oldest *Contact
	members := slices.Clone(t.st.byAccount[account])
	for _, id := range members {
		c := t.st.row(Contacts, id).(*Contact)
		if in, _ := t.st.protects(c.Lists); in && (oldest == nil || older(c, oldest)) {
			oldest = c
		}
	}
	primary := int64(0)
	if oldest != nil {
		primary = oldest.ID
	}
	for _, id := range members {
		t.markPrimary(id, id == primary)
	}
	if a, ok := t.st.row(Accounts, account).(*Account); ok && a.PrimaryContactID != primary {
		a = a.clone().(*Account)
		a.PrimaryContactID = primary
		t.replace(Accounts, a)
	}
}

func older(a, b *Contact) bool {
	if a.CreatedAt.Equal(b.CreatedAt) {
		return a.ID < b.ID
	}
	return a.CreatedAt.Before(b.CreatedAt)
}

func (t *tx) markPrimary(id int64, primary bool) {
	c := t.st.row(Contacts, id).(*Contact)
	if c.IsPrimary == primary {
		return
	}
	c = c.clone().(*Contact)
	c.IsPrimary = primary
	t.replace(Contacts, c)
}
