package centrixonetest

import "time"

// The users that are there from the start; neither comes from the sync.
const (
	Administrator int64 = 20001
	Clerk         int64 = 20002
)

var acombaStages = []Stage{
	{Key: "quote", NameFR: "Soumission", NameEN: "Quotation", Category: "qualified", Percent: 40},
	{Key: "order", NameFR: "Commande", NameEN: "Order", Category: "advanced", Percent: 90},
	{Key: "open_order", NameFR: "Commande ouverte", NameEN: "Open Order", Category: "advanced", Percent: 90},
	{Key: "invoice", NameFR: "Facture", NameEN: "Invoice", Category: "won", Percent: 100},
}

var billingStage = Stage{Key: "contract", NameFR: "Contrat", NameEN: "Contract", Category: "advanced", Percent: 90}

var quickBooksStages = []Stage{
	{Key: "estimate_rejected", NameFR: "Estimation – Rejetée", Category: "lost", Percent: 0},
	{Key: "estimate_pending", NameFR: "Estimation – En attente", Category: "qualified", Percent: 40},
	{Key: "estimate_accepted", NameFR: "Estimation – Accepté", Category: "advanced", Percent: 80},
	{Key: "estimate_closed", NameFR: "Estimation – Fermé", Category: "advanced", Percent: 90},
	{Key: "invoice", NameFR: "Facture", Category: "won", Percent: 100},
	{Key: "credit_note", NameFR: "Note de crédit", Category: "won", Percent: 100},
}

var listNames = map[Source]string{Acomba: "Acomba", QuickBooks: "QuickBooks"}

// seeded gives the state of an account on the day that sync is enabled.
func seeded(o *Options, now time.Time) *state {
	st := newState(o.Account, o.Source, now)
	t := st.begin(now, authorOf(Administrator), 0)
	t.create(Settings, &Setting{Source: string(o.Source), PrimaryWrite: o.Write, AutomaticBilling: o.AutomaticBilling})
	for _, company := range o.Companies {
		name := listNames[o.Source]
		if company != "" {
			name += " " + company
		}
		t.create(Lists, &List{Name: name, Protected: true, Source: string(o.Source), OneWay: o.OneWay, Key: listKey(o.Source, company)})
	}
	for _, stage := range stagesOf(o) {
		stage.Protected = true
		t.create(Stages, &stage)
	}
	t.create(Users, &User{UserName: "admin", FullName: "Administration", Active: true})
	t.create(Users, &User{UserName: "vente", FullName: "Vente", Active: true})
	t.commit()
	st.history.reset()
	st.numbers = newNumbers(o)
	return st
}

func stagesOf(o *Options) []Stage {
	if o.Source == QuickBooks {
		return quickBooksStages
	}
	if o.AutomaticBilling {
		return append([]Stage{billingStage}, acombaStages...)
	}
	return acombaStages
}
