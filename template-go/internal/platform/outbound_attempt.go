package platform

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"syscall"
	"time"
)

const (
	maxRetries     = 2
	firstPause     = 50 * time.Millisecond
	longestPause   = 500 * time.Millisecond
	maxAnswerBytes = 64 << 10
)

// attempts makes a call and repeats it as often as retries, their budget and the time allow.
func (d *Dependency) attempts(ctx context.Context, url string, read func(body []byte) error) error {
	d.budget.deposit()
	for n := 0; ; n++ {
		err := d.attempt(ctx, url, read)
		failure, ok := errors.AsType[*OutboundError](err)
		if !ok || !failure.again || n == maxRetries {
			return err
		}
		pause := rand.N(min(longestPause, firstPause<<n)) // full jitter: callers that failed together return apart
		if !timeFor(ctx, pause) || !d.budget.withdraw() {
			return err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return failed(ctx, ctx.Err())
		}
		d.outbound.retries.WithLabelValues(d.name).Inc()
	}
}

func timeFor(ctx context.Context, pause time.Duration) bool {
	deadline, limited := ctx.Deadline()
	return !limited || time.Until(deadline) > pause
}

func (d *Dependency) attempt(ctx context.Context, url string, read func(body []byte) error) error {
	request, err := d.request(ctx, url)
	if err != nil {
		return err
	}
	response, err := d.outbound.client.Do(request)
	if err != nil {
		return failed(ctx, err)
	}
	defer func() { _ = response.Body.Close() }() // what matters has been read
	if response.StatusCode != http.StatusOK {
		return &OutboundError{
			Outcome: Unavailable, again: passing(response.StatusCode), cause: fmt.Errorf("status %d", response.StatusCode),
		}
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswerBytes+1))
	if err != nil {
		return failed(ctx, err)
	}
	if len(body) > maxAnswerBytes {
		return &OutboundError{Outcome: Invalid, cause: errors.New("the answer is too large")}
	}
	if err := read(body); err != nil {
		return &OutboundError{Outcome: Invalid, cause: err}
	}
	return nil
}

// request tells the other side how long we wait, so that it need not work for nobody.
func (d *Dependency) request(ctx context.Context, url string) (*http.Request, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return nil, &OutboundError{Outcome: Unavailable, cause: errors.New("the URL cannot be asked")}
	}
	deadline, _ := ctx.Deadline()
	request.Header.Set(timeoutHeader, strconv.FormatInt(max(1, time.Until(deadline).Milliseconds()), 10))
	request.Header.Set("Accept", jsonMediaType)
	request.Header.Set("User-Agent", d.outbound.agent)
	if d.Token != nil && d.Token.Value() != "" {
		request.Header.Set("Authorization", "Bearer "+d.Token.Value())
	}
	return request, nil
}

// passing tells the statuses that a proxy gives while a server restarts.
func passing(status int) bool {
	return status == http.StatusBadGateway || status == http.StatusServiceUnavailable || status == http.StatusGatewayTimeout
}

// failed says what came between us and the answer.
func failed(ctx context.Context, err error) *OutboundError {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err // without the URL
	}
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return &OutboundError{Outcome: Timeout, cause: err}
	case ctx.Err() != nil:
		return &OutboundError{Outcome: Cancelled, cause: err}
	}
	return &OutboundError{Outcome: Unavailable, again: broken(err), cause: err}
}

// broken tells connections that were refused, reset or closed, from those that nobody answered at all.
func broken(err error) bool {
	for _, reason := range []error{syscall.ECONNREFUSED, syscall.ECONNRESET, syscall.EPIPE, io.EOF, io.ErrUnexpectedEOF} {
		if errors.Is(err, reason) {
			return true
		}
	}
	return false
}
