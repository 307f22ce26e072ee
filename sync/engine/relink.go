package engine

import (
	"encoding/json"
	"slices"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/store"
)

// taken is a person's word that one record of the ERP took over from another one.
type taken struct {
	Entity     record.Entity
	From, Into record.Key
}

// relinked is the setting that keeps such words until a look has taken them up.
const relinked = "relinked"

// relinks says whether a record is held since it seems to have been merged into another one, see connectors.Relinker.
func relinks(w store.Waiting) bool { return w.Args["from"] != "" && w.Args["into"] != "" }

// noteRelink keeps a person's word. What is held of a contact or a document is held for the account it is about.
func noteRelink(t *store.Txn, w store.Waiting) {
	word := taken{record.Account, record.Key(w.Args["from"]), record.Key(w.Args["into"])}
	if all := takenOver(t); !slices.Contains(all, word) {
		setTaken(t, append(all, word))
	}
}

func takenOver(t *store.Txn) (all []taken) {
	_ = json.Unmarshal([]byte(t.Setting(relinked)), &all) // nothing, or what setTaken wrote
	return all
}

func setTaken(t *store.Txn, all []taken) {
	text := ""
	if len(all) > 0 {
		b, _ := json.Marshal(all) // texts alone
		text = string(b)
	}
	t.Set(relinked, text)
}

// relink tells the ERP's side what people said of merges there, before each look until one succeeds.
func (c *cycle) relink() (told []taken) {
	r, ok := c.ERP.(connectors.Relinker)
	if !ok {
		return nil
	}
	c.view(func(t *store.Txn) { told = takenOver(t) })
	for _, w := range told {
		r.Relink(w.Entity, w.From, w.Into)
	}
	return told
}

// relinkedUntil forgets words that a look has taken up.
func (c *cycle) relinkedUntil(told []taken) {
	if len(told) == 0 {
		return
	}
	c.update(func(t *store.Txn) error {
		setTaken(t, slices.DeleteFunc(takenOver(t), func(w taken) bool { return slices.Contains(told, w) }))
		return nil
	})
}
