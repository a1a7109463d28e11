package platform

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Setting is one row of the table that configuration, --help, the README and the tests are made from.
type Setting struct {
	key      string
	fallback string // as the table shows it
	meaning  string
	alias    string                   // a second variable, read when key is unset
	file     bool                     // may hold a secret, so KEY_FILE is read too
	secret   *Secret                  // where the value is one
	shown    func(v string) string    // the value in the log, nil where it is shown as it is
	derive   func() string            // the value where none is set
	apply    func(value string) error // its error text is shown to whoever starts the service
}

func (s Setting) aliased(alias string) Setting {
	s.alias = alias
	return s
}

func (s Setting) defaults(shown string, derive func() string) Setting {
	s.fallback, s.derive = shown, derive
	return s
}

// The kinds of rows: each knows what it accepts and how to say that it was given something else.

// Parsed is the general kind. The text of parse's error is shown to whoever starts the service; shown, where it is not nil,
// keeps what is confidential out of the log.
func Parsed(key, fallback, meaning string, parse func(value string) error, shown func(value string) string) Setting {
	return Setting{
		key: key, fallback: fallback, meaning: meaning, apply: parse, shown: shown,
		derive: func() string { return fallback },
	}
}

func text(key, fallback, meaning string, target *string) Setting {
	return Parsed(key, fallback, meaning, func(v string) error {
		*target = v
		return nil
	}, nil)
}

func choice(key, fallback, meaning string, assign func(string), allowed ...string) Setting {
	return Parsed(key, fallback, meaning, func(v string) error {
		if !slices.Contains(allowed, v) {
			return fmt.Errorf("must be one of %s, got %q", strings.Join(allowed, ", "), v)
		}
		assign(v)
		return nil
	}, nil)
}

// Integer accepts whole numbers between two bounds.
func Integer(key string, fallback, least, most int, meaning string, target *int) Setting {
	return Parsed(key, strconv.Itoa(fallback), meaning, func(v string) error {
		n, err := strconv.Atoi(v)
		if err != nil || n < least || n > most {
			return fmt.Errorf("must be an integer from %d to %d, got %q", least, most, v)
		}
		*target = n
		return nil
	}, nil)
}

// decimal leaves out what ParseFloat takes beside it: exponents, hexadecimal, infinities and NaN.
var decimal = regexp.MustCompile(`^[0-9]+(\.[0-9]+)?$`)

// Seconds accepts durations in seconds, fractions allowed, between two bounds.
func Seconds(key, fallback string, least, most float64, meaning string, target *time.Duration) Setting {
	return Parsed(key, fallback, meaning, func(v string) error {
		n, err := strconv.ParseFloat(v, 64)
		if err != nil || !decimal.MatchString(v) || n < least || n > most {
			return fmt.Errorf("must be a number from %g to %g, got %q", least, most, v)
		}
		*target = time.Duration(n * float64(time.Second))
		return nil
	}, nil)
}
