package engine

import (
	"context"
	"time"

	"syncbox/connectors"
)

// promptFor bounds one question: people's commands wait meanwhile.
const promptFor = 10 * time.Second

// prompter gives a side that people may wait for, and how often it is asked; nil for none.
func (e *Engine) prompter(side connectors.Side) (connectors.Prompter, time.Duration) {
	if p, ok := e.source(side).(connectors.Prompter); ok && p.PromptEvery() > 0 {
		return p, p.PromptEvery()
	}
	return nil, 0
}

// prompting says whether a cycle may begin early: a side asks for it, the job runs, no side asked to be left alone, and no run waits
// for a person. Where no side ever asks, the clock and the store are left alone: time passes by now.
func (e *Engine) prompting() bool {
	erp, _ := e.prompter(connectors.ERP)
	crm, _ := e.prompter(connectors.CRM)
	return (erp != nil || crm != nil) && e.resting && !e.ticks && e.underway().Level == 0 &&
		e.setting(limitName(connectors.ERP)) == "" && e.setting(limitName(connectors.CRM)) == ""
}

// nextPrompt gives a channel that gets a value when the next side is to be asked; nil for none.
func (e *Engine) nextPrompt() <-chan time.Time {
	if !e.prompting() {
		return nil
	}
	now, wait := e.Clock.Steady(), connectors.Never
	for _, side := range []connectors.Side{connectors.ERP, connectors.CRM} {
		if p, every := e.prompter(side); p != nil {
			wait = min(wait, max(0, e.prompts[side]+every-now))
		}
	}
	return e.Clock.After(wait)
}

// prompted asks the sides whose turn it is, and says whether a cycle is to begin now.
func (e *Engine) prompted(ctx context.Context) bool {
	for _, side := range []connectors.Side{connectors.ERP, connectors.CRM} {
		p, every := e.prompter(side)
		if p == nil || e.Clock.Steady() < e.prompts[side]+every {
			continue
		}
		if e.promptOf(ctx, p, side) {
			e.hurried = true
		}
		e.prompts[side] = e.Clock.Steady()
	}
	return e.hurried
}

func (e *Engine) promptOf(ctx context.Context, p connectors.Prompter, side connectors.Side) bool {
	ctx, cancel := context.WithTimeout(ctx, promptFor)
	defer cancel()
	yes, err := p.Prompt(ctx)
	if err != nil {
		e.Log.Debug("nobody can be asked between cycles", "side", side.String(), "code", connectors.CodeOf(err))
	}
	return yes && err == nil
}
