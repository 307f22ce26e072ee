package layout

// crossCheck looks at what holds between files and between a file and the block write.
func (b *builder) crossCheck() {
	l, writableFields := b.layout, false
	for _, f := range l.Files() {
		b.file = f.Name
		for _, d := range f.fields {
			b.field = d.name
			b.reference(d)
			if d.writable && f.managed(d) {
				b.bad("writable", "true", "status, sequence and stamps are the engine's")
			}
			if d.writable && l.Write == nil {
				b.bad("writable", "true", "needs the block write")
			}
			writableFields = writableFields || d.writable
		}
		b.field = ""
		if l.Write != nil && f.hasWritable() {
			b.writableFile(f)
		}
	}
	b.file = ""
	switch {
	case l.Writable && l.Write == nil:
		b.bad("writable", "true", "needs the block write")
	case l.Writable && !writableFields:
		b.bad("writable", "true", "no field is writable")
	}
}

// reference checks that the file and the field a reference names exist and can be compared.
func (b *builder) reference(d *field) {
	if d.ref.File == "" {
		return
	}
	target := b.layout.files[d.ref.File]
	if target == nil {
		b.bad("ref", d.ref.File, "no such file")
		return
	}
	if d.ref.Field == "" {
		return
	}
	other := target.byName[d.ref.Field]
	switch {
	case other == nil:
		b.bad("ref", d.ref.File+"."+d.ref.Field, "no such field")
	case other.kind != d.kind || other.count != 1:
		b.bad("ref", d.ref.File+"."+d.ref.Field, "is %s with %d elements, cannot equal %s", other.kind, other.count, d.kind)
	}
}

// writableFile checks that a file with writable fields has what the block write speaks of.
func (b *builder) writableFile(f *File) {
	w := b.layout.Write
	for _, s := range w.Stamps {
		d := b.counter(f, "write.stamp", s.Field)
		if d == nil {
			continue
		}
		if d == f.status || d == f.sequence {
			b.bad("write.stamp", s.Field, "status and sequence are not stamps")
		}
		if s.Now && d.size < 4 {
			b.bad("write.stamp", s.Field, "Unix seconds need four bytes")
		}
	}
	for _, name := range w.Volatile {
		if d := f.byName[name]; d == nil || d.writable || d == f.status {
			b.bad("write.volatile", name, "must be a field that is neither writable nor the status")
		}
	}
	if w.OddWhileWriting && (f.sequence == nil || !f.oddMeansWriting) {
		b.bad("write.sequence", "odd_while_writing", "needs sequence with odd_means_writing")
	}
	if !w.OddWhileWriting && f.sequence != nil && f.oddMeansWriting {
		b.bad("write.sequence", "none", "readers of this file watch for an odd sequence")
	}
	if w.Append && !f.hasCreating {
		b.bad("write.create", "append", "needs a status code for creating")
	}
}
