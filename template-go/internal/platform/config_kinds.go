package platform

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The kinds of rows in the table of settings: each knows what it accepts and how to say that it was given something else.

func text(key, fallback, meaning string, assign func(*Config, string)) setting {
	return setting{
		key: key, fallback: fallback, accepts: "text", meaning: meaning,
		derive: func(*Config) string { return fallback },
		apply: func(c *Config, v string) error {
			assign(c, v)
			return nil
		},
	}
}

func choice(key, fallback, meaning string, assign func(*Config, string), allowed ...string) setting {
	s := text(key, fallback, meaning, assign)
	s.accepts = strings.Join(allowed, ", ")
	s.apply = func(c *Config, v string) error {
		if !slices.Contains(allowed, v) {
			return fmt.Errorf("must be one of %s, got %q", strings.Join(allowed, ", "), v)
		}
		assign(c, v)
		return nil
	}
	return s
}

func integer(key string, fallback, least, most int, meaning string, assign func(*Config, int)) setting {
	s := text(key, strconv.Itoa(fallback), meaning, nil)
	s.accepts = fmt.Sprintf("%d to %d", least, most)
	s.apply = func(c *Config, v string) error {
		n, err := strconv.Atoi(v)
		if err != nil || n < least || n > most {
			return fmt.Errorf("must be an integer from %d to %d, got %q", least, most, v)
		}
		assign(c, n)
		return nil
	}
	return s
}

// decimal leaves out what ParseFloat takes beside it: exponents, hexadecimal, infinities and NaN.
var decimal = regexp.MustCompile(`^[0-9]+(\.[0-9]+)?$`)

func seconds(key, fallback string, least, most float64, meaning string, assign func(*Config, time.Duration)) setting {
	s := text(key, fallback, meaning, nil)
	s.accepts = fmt.Sprintf("%g to %g seconds", least, most)
	s.apply = func(c *Config, v string) error {
		n, err := strconv.ParseFloat(v, 64)
		if err != nil || !decimal.MatchString(v) || n < least || n > most {
			return fmt.Errorf("must be a number from %g to %g, got %q", least, most, v)
		}
		assign(c, time.Duration(n*float64(time.Second)))
		return nil
	}
	return s
}

// database hands on the path of a sqlite URL. The value is never echoed: the URL of another database holds a password.
func database(key, fallback, meaning string, assign func(*Config, string)) setting {
	const prefix = "sqlite:///"
	s := text(key, fallback, meaning, nil)
	s.accepts = prefix + "path"
	s.file = true
	s.apply = func(c *Config, v string) error {
		path, found := strings.CutPrefix(v, prefix)
		if !found || strings.Trim(path, "/") == "" || strings.ContainsAny(path, "?#") {
			return errors.New("must be a URL of the form sqlite:///path")
		}
		assign(c, path)
		return nil
	}
	return s
}
