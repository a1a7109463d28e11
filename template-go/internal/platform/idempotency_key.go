package platform

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Reply is a response that can be stored.
type Reply struct {
	Status int
	Header map[string]string
	Body   []byte
}

// JSONReply answers with a value.
func JSONReply(status int, value any) (*Reply, error) {
	body, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("encode the answer: %w", err)
	}
	return &Reply{Status: status, Header: map[string]string{"Content-Type": jsonMediaType}, Body: body}, nil
}

// With adds a header.
func (r *Reply) With(name, value string) *Reply {
	r.Header[name] = value
	return r
}

func (r *Reply) write(w http.ResponseWriter) {
	for name, value := range r.Header {
		w.Header().Set(name, value)
	}
	writeBytes(w, r.Status, r.Header["Content-Type"], r.Body)
}

const mostKeyLength = 255

// idempotencyKey reads the header: a string as RFC 8941 has it, or the same text without quotation marks.
func idempotencyKey(r *http.Request) (key string, given bool, err error) {
	fields := r.Header.Values("Idempotency-Key")
	if len(fields) == 0 {
		return "", false, nil
	}
	key, ok := bareKey(fields[0])
	if len(fields) > 1 || !ok || key == "" || len(key) > mostKeyLength || !Printable(key) {
		return "", false, NewProblem(http.StatusBadRequest,
			"The Idempotency-Key is not 1 to 255 visible ASCII characters.")
	}
	return key, true, nil
}

// bareKey takes the quotation marks and the escapes between them away.
func bareKey(field string) (key string, ok bool) {
	field = strings.Trim(field, " \t")
	inner, opened := strings.CutPrefix(field, `"`)
	if !opened {
		return field, true
	}
	var text strings.Builder
	for i := 0; i < len(inner); i++ {
		switch c := inner[i]; c {
		case '"':
			return text.String(), i == len(inner)-1
		case '\\':
			i++
			if i == len(inner) || inner[i] != '"' && inner[i] != '\\' {
				return "", false
			}
		}
		text.WriteByte(inner[i])
	}
	return "", false
}

const (
	forgetEvery = time.Minute
	forgetBatch = 500
)

// Forget removes keys that are older than their time, a few at once, until ctx ends.
func (i *Idempotency) Forget(ctx context.Context) {
	ticker := time.NewTicker(forgetEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		for more := i.database.Usable(); more; {
			forgotten, err := i.forgetSome(ctx)
			if err != nil && ctx.Err() == nil {
				i.log.WarnContext(ctx, "old idempotency keys were not removed", "error", err.Error())
			}
			more = err == nil && forgotten == forgetBatch
		}
	}
}

func (i *Idempotency) forgetSome(ctx context.Context) (forgotten int64, err error) {
	err = i.database.Transact(ctx, func(ctx context.Context, tx *Tx) (err error) {
		forgotten, err = tx.Exec(ctx, deleteKeys, time.Now().Add(-i.ttl).UnixMilli(), forgetBatch)
		return err
	})
	return forgotten, err
}
