package platform

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

// receivedBody is a body that is there as a whole, so that nobody has to copy it in order to see all of it.
type receivedBody struct {
	bytes.Reader

	content []byte
}

func newReceivedBody(content []byte) *receivedBody {
	return &receivedBody{Reader: *bytes.NewReader(content), content: content}
}

// Close has nothing to do.
func (*receivedBody) Close() error { return nil }

// received returns the whole body, and leaves it to be read again.
func received(r *http.Request) ([]byte, error) {
	if body, ok := r.Body.(*receivedBody); ok {
		return body.content, nil
	}
	content, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, fmt.Errorf("read a body that was received: %w", err)
	}
	r.Body = newReceivedBody(content)
	return content, nil
}

// Decode reads the body into a type of the contract. The contract's check came first, so an error is a fault of ours:
// the type and the contract do not agree.
func Decode[T any](r *http.Request) (T, error) {
	var value T
	body, err := received(r)
	if err != nil {
		return value, err
	}
	if err := json.Unmarshal(body, &value); err != nil {
		return value, fmt.Errorf("decode a body that has passed the contract: %w", err)
	}
	return value, nil
}
