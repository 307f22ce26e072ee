package sage50fr

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"time"

	"syncbox/connectors/record"
)

// readmeName is the file that tells people in the folder what is to be imported. It is French, as Sage 50 is.
const readmeName = "LISEZ-MOI.txt"

// dateText writes a day of a record as a format does.
func dateText(day, layout string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return ""
	}
	return t.Format(layout)
}

// readme says what people are to do, one line for each file.
func (d *Dossier) readme(h *handed) string {
	var b strings.Builder
	b.WriteString("\ufeffSyncBox\u202f: fichiers à importer dans Sage 50\r\n\r\n")
	count := 0
	for _, name := range sortedNames(h.Files) {
		f := h.Files[name]
		if f.Phase != there {
			continue
		}
		count++
		fmt.Fprintf(&b, "%s\u202f: à importer avec le format «\u00a0%s\u00a0» (%s)\r\n", name+endWaiting, d.cfg.Format.Imports[f.Kind].Title,
			counted(len(h.rowsOf(name)), importEntity[f.Kind]))
	}
	if count == 0 {
		b.WriteString("Rien à importer.\r\n")
	} else {
		b.WriteString("\r\nMenu Dossier > Options > Imports paramétrables\u202f: choisissez le format, puis le fichier. Importez chaque fichier une seule fois.\r\n" +
			"Exportez clients et contacts juste avant\u202f: un fichier porte la fiche entière, et remplacerait ce qui a été saisi dans Sage depuis le dernier export.\r\n" +
			"Si Sage ne renomme pas le fichier, renommez-le vous-même en .BAK. S'il est refusé, écrivez la raison dans un fichier .ERR du même nom.\r\n")
	}
	return b.String()
}

var nouns = map[record.Entity][2]string{record.Account: {"prospect", "prospects"}, record.Contact: {"contact", "contacts"}, record.Quote: {"devis", "devis"}}

func counted(n int, e record.Entity) string {
	if n < 2 {
		return fmt.Sprintf("%d %s", n, nouns[e][0])
	}
	return fmt.Sprintf("%d %s", n, nouns[e][1])
}

// tell has the file say what is to be done now. That it can't be written is no reason to stop: it is tried again.
func (d *Dossier) tell(ctx context.Context, h *handed) error {
	if len(h.Next) == 0 {
		return nil // nothing was ever handed over
	}
	text := d.readme(h)
	if old, err := fs.ReadFile(d.files, path.Join(d.in(), readmeName)); err == nil && string(old) == text {
		return nil
	}
	err := d.drops.Remove(ctx, d.in(), readmeName)
	if err == nil {
		err = d.drops.Lay(ctx, d.in(), readmeName, []byte(text))
	}
	if err == nil {
		err = d.drops.Promote(ctx, d.in(), readmeName)
	}
	if err != nil {
		d.log.Warn("the note of what is to be imported can't be written", "err", err)
	}
	return ctx.Err()
}
