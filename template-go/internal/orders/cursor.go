package orders

import (
	"encoding/base64"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Place is a place in the list of orders, newest first: just after the order with this time and id.
type Place struct {
	CreatedAt string
	ID        ID
}

// beginning lies before every order: "~" sorts after all digits.
func beginning() Place { return Place{CreatedAt: "~"} }

var errBadCursor = errors.New("is no cursor of this list")

// cursor hides a place from clients, who are to hand it back and not to build on it.
func (p Place) cursor() string {
	return base64.RawURLEncoding.EncodeToString([]byte(p.CreatedAt + " " + string(p.ID)))
}

// parseCursor takes back what cursor made, and nothing else.
func parseCursor(cursor string) (Place, error) {
	text, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil {
		return Place{}, errBadCursor
	}
	createdAt, rest, _ := strings.Cut(string(text), " ")
	id, ok := parseID(rest)
	at, err := time.Parse(timeLayout, createdAt)
	if err != nil || at.Format(timeLayout) != createdAt || !ok {
		return Place{}, errBadCursor
	}
	return Place{CreatedAt: createdAt, ID: id}, nil
}

// parseID takes an id in the one form that we write.
func parseID(text string) (id ID, ok bool) {
	parsed, err := uuid.Parse(text)
	return ID(text), err == nil && parsed.String() == text
}
