package product

import (
	"context"
	"time"

	"syncbox/connectors"
)

// Steadily is a span of the time that never jumps.
type Steadily = time.Duration

// request sends ops to the product, which does them one by one with do, and gives what the box hears of it.
func (p *Product) request(ctx context.Context, ops []connectors.Op, do func(*connectors.Op) connectors.Result) []connectors.Result {
	if err := p.begin(Apply); err != nil {
		return all(ops, notDone(err))
	}
	if err := ctx.Err(); err != nil {
		return all(ops, notDone(err))
	}
	fate := p.Line.Send(p.Side, ops)
	results := make([]connectors.Result, len(ops))
	switch fate.Kind {
	case Late:
		for _, op := range ops {
			p.Line.Later(fate.Delay, func() { do(&op) })
		}
		results = all(ops, noAnswer(p.Side))
	case Limited:
		results = all(ops, notDone(&connectors.Error{Kind: connectors.RateLimited, Code: p.Side.String() + "-rate-limited", Retry: fate.Retry}))
	default:
		n := len(ops)
		if fate.Kind != Delivered {
			n = min(n, fate.Done)
		}
		for i := range ops[:n] {
			results[i] = do(&ops[i])
		}
		if fate.Kind == Lost {
			results = all(ops, noAnswer(p.Side))
		}
		if fate.Kind == Broken {
			results = all(ops, connectors.Result{Outcome: connectors.ReadBack,
				Err: connectors.Errorf(connectors.Rejected, p.Side.String()+"-server-error", "500")})
		}
	}
	p.Line.End(p.Side, Apply)
	return results
}

func all(ops []connectors.Op, r connectors.Result) []connectors.Result {
	results := make([]connectors.Result, len(ops))
	for i := range results {
		results[i] = r
	}
	return results
}

func noAnswer(side connectors.Side) connectors.Result {
	return connectors.Result{Outcome: connectors.InDoubt, Err: connectors.Errorf(connectors.Unavailable, side.String()+"-unreachable", "no answer")}
}

// limited says whether the last request was answered 429: then the connector sends no other one.
func limited(results []connectors.Result) bool {
	return connectors.KindOf(results[len(results)-1].Err) == connectors.RateLimited
}
