package centrixone

import (
	"context"
	"fmt"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

const (
	listResource  = "Lists"
	stageResource = "Stages"
)

// lists are the names of the protected lists by Config.Source.
var lists = map[string]string{"acomba": "Acomba", "quickbooks": "QuickBooks"}

// stage is a protected sales stage as the product creates it.
type stage struct {
	key, fr, en string // names are empty where the product's are not public
	category    string
	percent     string
	contract    bool // only with automatic billing, and its percentage is not public
}

var protectedStages = map[string][]stage{
	"acomba": {
		{key: "contract", fr: "Contrat", en: "Contract", contract: true},
		{key: "quote", fr: "Soumission", en: "Quotation", category: "qualified", percent: "40"},
		{key: "order", fr: "Commande", en: "Order", category: "advanced", percent: "90"},
		{key: "open_order", fr: "Commande ouverte", en: "Open Order", category: "advanced", percent: "90"},
		{key: "invoice", fr: "Facture", en: "Invoice", category: "won", percent: "100"},
	},
	"quickbooks": {
		{key: "estimate_rejected", category: "lost", percent: "0"},
		{key: "estimate_pending", category: "qualified", percent: "40"},
		{key: "estimate_accepted", category: "advanced", percent: "80"},
		{key: "estimate_closed", category: "advanced", percent: "90"},
		{key: "invoice", category: "won", percent: "100"},
		{key: "credit_note", category: "won", percent: "100"},
	},
}

// Check finds the first protected object that is gone or no longer as the product made it.
func (c *CRM) Check(ctx context.Context) error {
	if _, err := c.checkedList(ctx); err != nil {
		return err
	}
	rows, err := c.frame(ctx, stageResource)
	if err != nil {
		return fmt.Errorf("check the sales stages: %w", err)
	}
	there := map[string]row{}
	for _, r := range rows {
		if key := r.text("Key"); key != "" {
			there[key] = r
		}
	}
	for _, want := range protectedStages[c.cfg.Source] {
		if err := c.checkStage(want, there[want.key]); err != nil {
			return err
		}
	}
	return nil
}

// listGood is how long a protected list that was as it should be counts as that for writes. Each look asks anew; were each
// batch of a first sync to ask as well, it would be a request for each request.
const listGood = 30 * time.Second

// goodList is checkedList for writes.
func (c *CRM) goodList(ctx context.Context) (int64, error) {
	c.mu.Lock()
	id, age := c.list, time.Since(c.listAt)
	c.mu.Unlock()
	if id != 0 && age < listGood {
		return id, nil
	}
	return c.checkedList(ctx)
}

// forgetList has the next write look for the list.
func (c *CRM) forgetList() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.list = 0
}

// checkedList gives the Id of the protected list once it is as it should be.
func (c *CRM) checkedList(ctx context.Context) (int64, error) {
	id, err := c.findList(ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.list, c.listAt = id, time.Now()
	return id, err
}

// findList looks for the protected list. Several companies have a list each; then one that is not found by its name counts
// as gone, not as renamed.
func (c *CRM) findList(ctx context.Context) (int64, error) {
	rows, err := c.frame(ctx, listResource)
	if err != nil {
		return 0, fmt.Errorf("look for the list %s: %w", c.cfg.List, err)
	}
	var ours []row
	for _, r := range rows {
		if r.text("Source") != c.cfg.Source || r.id("Id") == 0 {
			continue
		}
		if r.name("Name") != c.cfg.List {
			ours = append(ours, r)
			continue
		}
		if !r.flag("Protected") {
			return 0, drift(CodeListUnprotected, map[string]string{"list": c.cfg.List})
		}
		return r.id("Id"), nil
	}
	if len(ours) == 1 && c.cfg.List == lists[c.cfg.Source] {
		return 0, drift(CodeListRenamed, map[string]string{"list": c.cfg.List, "found": ours[0].name("Name")})
	}
	return 0, drift(CodeListMissing, map[string]string{"list": c.cfg.List})
}

func (c *CRM) checkStage(want stage, r row) error {
	args := map[string]string{"stage": want.key}
	if r == nil {
		if want.contract && !c.cfg.Contracts {
			return nil
		}
		return drift(CodeStageMissing, args)
	}
	for _, side := range []struct{ code, want, found string }{
		{CodeStageRenamed, want.fr, r.name("NameFR")},
		{CodeStageRenamed, want.en, r.name("NameEN")},
		{CodeStageChanged, want.category, r.text("Category")},
		{CodeStageChanged, want.percent, r.number("Percent")},
	} {
		if side.want != "" && side.found != side.want {
			args["want"], args["found"] = side.want, side.found
			return drift(side.code, args)
		}
	}
	if !r.flag("Protected") {
		return drift(CodeStageUnprotected, args)
	}
	return nil
}

// name gives a member that is a text in its canonical form.
func (r row) name(name string) string { return record.TextOf(r.text(name)).Text }

// number gives a member that is a number, as a number or in digits; empty for anything else.
func (r row) number(name string) string {
	v, _ := field{form: asCount}.decode(r[name], nil)
	return v.Text
}

func drift(code string, args map[string]string) error {
	return &connectors.Error{Kind: connectors.Drift, Code: code, Args: args}
}

// stageKeys gives the reference form of each stage by its Id.
func (c *CRM) stageKeys(ctx context.Context, e record.Entity) (stageKeys, error) {
	if e != record.Document {
		return nil, nil
	}
	rows, err := c.frame(ctx, stageResource)
	if err != nil {
		return nil, fmt.Errorf("look for the sales stages: %w", err)
	}
	keys := stageKeys{}
	for _, r := range rows {
		if key := r.text("Key"); key != "" && r.id("Id") != 0 {
			keys[string(keyOf(r.id("Id")))] = "K." + key
		}
	}
	return keys, nil
}
