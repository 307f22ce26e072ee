package daytime

import (
	"context"
	"time"

	"github.com/beevik/ntp"
)

// answerWait bounds one question.
const answerWait = 5 * time.Second

// Query asks a server by NTP (RFC 5905) how far this machine's clock is behind. An answer that the protocol says is not
// to be used, as from a server that does not know the time itself, is an error.
func Query(ctx context.Context, server string) (time.Duration, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	answer, err := ntp.QueryWithOptions(server, ntp.QueryOptions{Timeout: answerWait})
	if err != nil {
		return 0, err
	}
	return answer.ClockOffset, answer.Validate()
}
