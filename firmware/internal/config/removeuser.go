package config

import (
	"bytes"
	"slices"

	"github.com/pelletier/go-toml/v2/unstable"
)

// RemoveUser takes away the job of a user of X3. Its databases stay where they are, and no later job gets its name. Refused
// for a job of another pair, and for the last one.
func (w *Writer) RemoveUser(job string) error {
	return w.ofUser(job, func(was, next *files) error {
		if len(was.jobs) < 2 {
			return Refused{{Key: "job." + job, Why: NotSettable}}
		}
		next.config = without(was.config, slices.Index(was.jobs, job))
		return nil
	})
}

// MoveUser gives a user of X3 another mailbox. The job begins anew under a name that no job had, so that nothing of what it
// knows of the old mailbox counts for the new one; the items in the old one are left as they are. It gives that name.
func (w *Writer) MoveUser(job, mailbox string) (moved string, err error) {
	err = w.ofUser(job, func(was, next *files) error {
		key := "job." + job + ".outlook.mailbox"
		if _, refused := next.apply([]Change{{key, mailbox}}); refused != nil {
			return refused
		}
		moved = was.freshName()
		changed, err := edit(next.config, place{table: []string{"job"}, key: "name", job: slices.Index(was.jobs, job)}, moved)
		if err != nil {
			return Refused{{key, Uneditable, err}}
		}
		next.config = changed
		return nil
	})
	return moved, err
}

// ofUser changes the texts about a user of X3, and keeps them where the configuration can be used as before.
func (w *Writer) ofUser(job string, change func(was, next *files) error) error {
	w.mu.Lock()
	err := func() error {
		was, err := w.read()
		if err != nil {
			return err
		}
		if at := slices.Index(was.jobs, job); at < 0 || was.pairs[at] != SageX3Outlook {
			return Refused{{Key: "job." + job, Why: NoJob}}
		}
		next := *was
		if err := change(was, &next); err != nil {
			return err
		}
		if err := was.better(&next); err != nil {
			return Refused{{Key: About(err), Why: WrongWhole, Err: err}}
		}
		return w.keep(was, &next)
	}()
	w.mu.Unlock()
	if err == nil && w.changed != nil {
		w.changed([]string{"job." + job + ".outlook.mailbox"})
	}
	return err
}

// without gives the text of a configuration without one of its jobs. Comments right above what follows stay.
func without(text []byte, job int) []byte {
	var p unstable.Parser
	p.Reset(text)
	n, from := -1, -1
	for p.NextExpression() {
		e := p.Expression()
		if e.Kind == unstable.KeyValue {
			continue
		}
		path := keyOf(e)
		if e.Kind == unstable.ArrayTable && slices.Equal(path, []string{"job"}) {
			n++
		}
		switch at := lineStart(text, e); {
		case n == job && from < 0:
			from = at
		case from >= 0 && (n > job || path[0] != "job"):
			to := aboveComments(text, at)
			return append(slices.Clone(text[:from]), text[max(to, from):]...)
		}
	}
	if from < 0 {
		return text
	}
	return append(bytes.TrimRight(slices.Clone(text[:from]), "\n"), '\n')
}

// lineStart gives the offset of the line that a table begins in.
func lineStart(text []byte, e *unstable.Node) int {
	it := e.Key()
	it.Next()
	return bytes.LastIndexByte(text[:it.Node().Raw.Offset], '\n') + 1
}

// aboveComments gives the offset of the first of the comments that stand right above a line.
func aboveComments(text []byte, line int) int {
	for line > 0 {
		above := bytes.LastIndexByte(text[:line-1], '\n') + 1
		if text[above] != '#' {
			break
		}
		line = above
	}
	return line
}
