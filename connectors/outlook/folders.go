package outlook

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"syncbox/connectors"
)

// What the names of sources begin with.
const (
	folderPrefix = "contacts/"
	listPrefix   = "tasks/"
)

func folderSource(id string) string { return folderPrefix + id }

// places are the folders and lists of the mailbox, as the latest look found them.
type places struct {
	folders []string // the chosen one first; nil: not looked for
	chosen  string   // list; empty: not looked for
	others  []string
}

type folder struct {
	ID   string `json:"id"`
	Name string `json:"displayName"`
	Kind string `json:"wellknownListName"`
}

// mainFolder is the name by which Graph knows a mailbox's main contact folder, which it does not list.
const mainFolder = "contacts"

// folders gives the ids of the chosen contact folder and of those below it.
func (m *Mailbox) folders(ctx context.Context) ([]string, error) {
	if m.places.folders != nil {
		return m.places.folders, nil
	}
	var found []string
	var err error
	if m.cfg.ContactFolder == "" {
		var main folder
		if err = m.get(ctx, m.at(nil, "contactFolders", mainFolder), &main); err == nil {
			found, err = m.below(ctx, main.ID)
		}
	} else {
		found, err = m.named(ctx)
	}
	if isGone(err) {
		return nil, connectors.Errorf(connectors.Drift, CodeFolderMissing, "contact folder: %w", errors.New("it is not there"))
	}
	if err != nil {
		return nil, err
	}
	m.places.folders = found
	return found, nil
}

// below gives a folder and all below it.
func (m *Mailbox) below(ctx context.Context, id string) ([]string, error) {
	found := []string{id}
	for at := 0; at < len(found); at++ {
		err := m.all(ctx, m.at(nil, "contactFolders", found[at], "childFolders"), func(raw json.RawMessage) error {
			var f folder
			if err := json.Unmarshal(raw, &f); err != nil || f.ID == "" {
				return errors.New("a folder without an id")
			}
			found = append(found, f.ID)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

// named looks for the folder of the settings among all.
func (m *Mailbox) named(ctx context.Context) ([]string, error) {
	chosen := ""
	search := []string{""}
	for at := 0; at < len(search) && chosen == ""; at++ {
		u := m.at(nil, "contactFolders")
		if search[at] != "" {
			u = m.at(nil, "contactFolders", search[at], "childFolders")
		}
		err := m.all(ctx, u, func(raw json.RawMessage) error {
			var f folder
			if err := json.Unmarshal(raw, &f); err != nil || f.ID == "" {
				return errors.New("a folder without an id")
			}
			if strings.EqualFold(f.Name, m.cfg.ContactFolder) && chosen == "" {
				chosen = f.ID
			}
			search = append(search, f.ID)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	if chosen == "" {
		return nil, errGone
	}
	return m.below(ctx, chosen)
}

// lists gives the ids of the chosen task list and of the others.
func (m *Mailbox) lists(ctx context.Context) (chosen string, others []string, err error) {
	if m.places.chosen != "" {
		return m.places.chosen, m.places.others, nil
	}
	err = m.all(ctx, m.at(nil, "todo", "lists"), func(raw json.RawMessage) error {
		var f folder
		if err := json.Unmarshal(raw, &f); err != nil || f.ID == "" {
			return errors.New("a list without an id")
		}
		switch {
		case strings.EqualFold(f.Name, m.cfg.TaskList) && chosen == "":
			chosen = f.ID
		case f.Kind != "flaggedEmails":
			others = append(others, f.ID)
		}
		return nil
	})
	if err != nil {
		return "", nil, err
	}
	if chosen == "" {
		return "", nil, connectors.Errorf(connectors.Drift, CodeListMissing, "task list: it is not there")
	}
	m.places.chosen, m.places.others = chosen, others
	return chosen, others, nil
}

func isGone(err error) bool { return errors.Is(err, errGone) }
