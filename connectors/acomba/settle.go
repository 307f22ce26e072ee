package acomba

import (
	"bytes"
	"context"
	"strconv"

	"syncbox/connectors/acomba/scan"
	"syncbox/connectors/record"
)

// settle reads changed blocks again until all stand still or the rounds are over, and tells what did.
func (l *look) settle(ctx context.Context) error {
	quiet, rounds := l.c.patience()
	for round := 0; round < rounds && l.suspects() > 0; round++ {
		if err := l.c.cfg.Wait(ctx, quiet); err != nil {
			return err
		}
		for _, t := range l.files {
			if t.out || t.scan == nil {
				continue
			}
			if err := l.again(ctx, t); err != nil {
				return err
			}
		}
	}
	return nil
}

func (l *look) again(ctx context.Context, t *tracked) error {
	err := t.reader.Each(ctx, t.scan.Suspects(), func(b scan.Block) error {
		err := t.scan.Again(b, func(position int32, raw []byte) error {
			card, err := t.file.Decode(position, raw)
			if err != nil {
				return err
			}
			l.accepted(&card)
			return nil
		})
		if err != nil {
			return err
		}
		return l.mayCommit()
	})
	if err != nil {
		return l.leaveOut(t, err)
	}
	return nil
}

func (l *look) suspects() (n int) {
	for _, t := range l.files {
		if !t.out && t.scan != nil {
			n += len(t.scan.Suspects())
		}
	}
	return n
}

// mayCommit commits when enough waits. What is told and the notes that say it was told go together.
func (l *look) mayCommit() error {
	if len(l.told) < waiting {
		return nil
	}
	return l.commit()
}

// commit writes nothing where nothing changed: each look of a quiet company would wear the flash.
func (l *look) commit() error {
	for _, t := range l.files {
		if !t.out && t.scan != nil {
			t.scan.Save()
		}
	}
	l.cols.flush()
	if waiting := l.fan.bytes(); !bytes.Equal(waiting, l.o.Get(noteFan)) {
		l.o.Put(noteFan, waiting)
	}
	clear(l.told)
	return l.o.Commit()
}

func (l *look) tell(e record.Entity, position int32) {
	name := string(e) + " " + strconv.Itoa(int(position))
	if l.told[name] {
		return
	}
	l.told[name] = true
	l.o.Changed(e, keyOf(position), nil)
}

// vanished tells the cards behind the end of a file that a person took as it is. It comes before any commit,
// which would forget that they were there.
func (l *look) vanished() error {
	for _, t := range l.files {
		if t.out || t.scan == nil {
			continue
		}
		err := t.scan.Vanished(func(position int32) error {
			l.forgotten(t.file.Name, position)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// finish tells what follows from all that changed, and moves the marks on.
func (l *look) finish(ctx context.Context) error {
	for _, t := range l.files {
		if !t.out && t.scan != nil {
			l.high.Cards[t.file.Name], _ = t.scan.Cards()
			l.c.restless(t)
		}
	}
	if err := l.spread(ctx); err != nil {
		return err
	}
	l.tellDuplicates()
	if high := l.high.bytes(); !bytes.Equal(high, l.o.Mark(markHigh)) {
		l.o.SetMark(markHigh, high)
	}
	if len(l.o.Mark(markOlder)) > 0 {
		l.o.SetMark(markOlder, nil)
	}
	if l.full && l.complete() {
		l.o.SetMark(markVerified, []byte(l.c.verification()))
	}
	if err := l.commit(); err != nil {
		return err
	}
	l.rebuildSuccessors()
	return nil
}
