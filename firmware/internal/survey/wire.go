package survey

// Request is what a child is asked for, as one line of JSON on its standard input. One of the pointers is set.
type Request struct {
	Sweep    *SweepRequest  `json:",omitempty"`
	Steps    *StepsRequest  `json:",omitempty"`
	Probes   *ProbesRequest `json:",omitempty"`
	Find     *FindRequest   `json:",omitempty"`
	Password string         `json:",omitempty"` // the target's, which does not print
}

// Line is what a child tells, as one line of JSON on its standard output. Done is set in the last one alone.
type Line struct {
	Progress  *Progress  `json:",omitempty"`
	Result    *Result    `json:",omitempty"`
	Report    *Report    `json:",omitempty"`
	Candidate *Candidate `json:",omitempty"`
	Done      bool       `json:",omitempty"`
}

func (l Line) progress(told func(Progress)) {
	if l.Progress != nil && told != nil {
		told(*l.Progress)
	}
}
