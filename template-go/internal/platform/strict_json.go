package platform

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"net/http"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

func notJSON() *ProblemError {
	return NewProblem(http.StatusBadRequest, "The request body is not valid JSON.")
}

// parseJSON is encoding/json with what RFC 8259 asks for and it forgives: text must be UTF-8 and surrogates come in pairs.
// Integers become int64, every other number float64. Arrays lose what is beyond longest: it could not pass the contract
// any more, and the validator would report each item of a million.
func parseJSON(body []byte, longest int) (any, error) {
	if !utf8.Valid(body) || !json.Valid(body) || hasLoneSurrogate(body) {
		return nil, notJSON()
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var tree any
	if err := decoder.Decode(&tree); err != nil && !errors.Is(err, io.EOF) {
		return nil, notJSON()
	}
	return prepared(tree, longest), nil
}

func prepared(tree any, longest int) any {
	switch node := tree.(type) {
	case map[string]any:
		for name, value := range node {
			node[name] = prepared(value, longest)
		}
	case []any:
		node = node[:min(len(node), longest)]
		for i, value := range node {
			node[i] = prepared(value, longest)
		}
		return node
	case json.Number:
		return numberOf(node.String())
	}
	return tree
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
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
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
