package orders

import (
	"encoding/base64"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Place is a place in the list of orders, newest first: just after the order with this time and id.
type Place struct{ CreatedAt, ID string }

// beginning lies before every order: "~" sorts after all digits.
func beginning() Place { return Place{CreatedAt: "~"} }

var errBadCursor = errors.New("is no cursor of this list")

// cursor hides a place from clients, who are to hand it back and not to build on it.
func (p Place) cursor() string {
	return base64.RawURLEncoding.EncodeToString([]byte(p.CreatedAt + " " + p.ID))
}

// parseCursor takes back what cursor made, and nothing else.
func parseCursor(cursor string) (Place, error) {
	text, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil {
		return Place{}, errBadCursor
	}
	createdAt, id, _ := strings.Cut(string(text), " ")
	at, err := time.Parse(timeLayout, createdAt)
	if err != nil || at.Format(timeLayout) != createdAt || !isID(id) {
		return Place{}, errBadCursor
	}
	return Place{CreatedAt: createdAt, ID: id}, nil
}

// isID tells whether a text is an id in the one form that we write.
func isID(text string) bool {
	id, err := uuid.Parse(text)
	return err == nil && id.String() == text
}
