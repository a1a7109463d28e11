package platform

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

func notJSON() *ProblemError {
	return NewProblem(http.StatusBadRequest, "The request body is not valid JSON.")
}

// maxDepth is how many levels of objects and arrays may lie in each other, as the contract says.
const maxDepth = 64

// parseJSON is encoding/json with what I-JSON (RFC 7493) asks for and it forgives: text must be UTF-8, surrogates come in
// pairs, members once. Integers become int64, every other number float64. Arrays lose what is beyond longest: it could not
// pass the contract any more, and the validator would report each item of a million.
func parseJSON(body []byte, longest int) (any, error) {
	if !utf8.Valid(body) || !json.Valid(body) || hasLoneSurrogate(body) {
		return nil, notJSON()
	}
	reader := &treeReader{tokens: json.NewDecoder(bytes.NewReader(body)), longest: longest}
	reader.tokens.UseNumber()
	tree := reader.value(0)
	if reader.refused {
		return nil, notJSON()
	}
	return tree, nil
}

// treeReader builds the tree of a text that is known to be valid JSON, so no token fails.
type treeReader struct {
	tokens  *json.Decoder
	longest int
	refused bool // by a member that came twice, or by too many levels
}

func (t *treeReader) value(depth int) any {
	token, _ := t.tokens.Token()
	switch token := token.(type) {
	case json.Delim:
		t.refused = t.refused || depth == maxDepth
		if t.refused {
			return nil
		}
		return t.inside(token, depth+1)
	case json.Number:
		return numberOf(token.String())
	default:
		return token
	}
}

func (t *treeReader) inside(open json.Delim, depth int) any {
	defer func() { _, _ = t.tokens.Token() }() // what closes it
	if open == '[' {
		items := []any{}
		for t.tokens.More() && !t.refused {
			if item := t.value(depth); len(items) < t.longest {
				items = append(items, item)
			}
		}
		return items
	}
	members := make(map[string]any)
	for t.tokens.More() && !t.refused {
		token, _ := t.tokens.Token()
		name, _ := token.(string)
		_, twice := members[name]
		t.refused = t.refused || twice
		members[name] = t.value(depth)
	}
	return members
}

// numberOf keeps the validator from the text of a number: it would work out 1e999999 digit by digit.
func numberOf(literal string) any {
	if n, err := strconv.ParseInt(literal, 10, 64); err == nil {
		return n
	}
	n, _ := strconv.ParseFloat(literal, 64) // out of range gives an infinity
	return max(-math.MaxFloat64, min(n, math.MaxFloat64))
}

// integerOr gives a query value its type, or leaves it as text, which no integer's schema accepts.
func integerOr(text string) any {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && !strings.HasPrefix(text, "+") {
		return n
	}
	return text
}

var errNotWhole = errors.New("must be an integer without fraction or exponent")

// wholeNumber is the format of our integers: JSON Schema alone would take 1.0 for one.
func wholeNumber(value any) error {
	if _, isFloat := value.(float64); isFloat {
		return errNotWhole
	}
	return nil
}

const (
	escapePrefix = `\u`
	escapeLength = len(escapePrefix + "XXXX")
)

// hasLoneSurrogate looks for \uD800 to \uDFFF without its other half, in text that is otherwise valid JSON.
func hasLoneSurrogate(body []byte) bool {
	for i := bytes.IndexByte(body, '\\'); i >= 0 && i < len(body); {
		if body[i] != '\\' {
			i++
			continue
		}
		unit, isUnicode := escapedUnit(body[i:])
		switch {
		case !isUnicode:
			i += len(`\n`)
		case !utf16.IsSurrogate(unit):
			i += escapeLength
		default:
			low, _ := escapedUnit(body[i+escapeLength:])
			if utf16.DecodeRune(unit, low) == utf8.RuneError {
				return true
			}
			i += escapeLength + escapeLength
		}
	}
	return false
}

func escapedUnit(text []byte) (rune, bool) {
	if len(text) < escapeLength || !bytes.HasPrefix(text, []byte(escapePrefix)) {
		return 0, false
	}
	unit, err := strconv.ParseUint(string(text[len(escapePrefix):escapeLength]), 16, 16)
	return rune(unit), err == nil
}
