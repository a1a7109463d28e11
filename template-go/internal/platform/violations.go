package platform

import (
	"cmp"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// collector gathers the leaves of the validator's tree of errors.
type collector struct{ found []Violation }

func (c *collector) add(failure *jsonschema.ValidationError) {
	for _, cause := range failure.Causes {
		c.add(cause)
	}
	if len(failure.Causes) > 0 {
		return
	}
	place := failure.InstanceLocation
	switch broken := failure.ErrorKind.(type) {
	case *kind.Required:
		for _, name := range broken.Missing {
			c.note(append(slices.Clone(place), name), "is required")
		}
	case *kind.AdditionalProperties:
		for _, name := range broken.Properties {
			c.note(append(slices.Clone(place), name), "is not known")
		}
	default:
		c.note(place, describe(failure.ErrorKind))
	}
}

func (c *collector) note(place []string, detail string) {
	c.found = append(c.found, Violation{Pointer: pointer(place), Detail: detail})
}

// maxViolations is more than anyone mends at once, and keeps the answer to a hostile request short.
const maxViolations = 1000

// sorted gives one answer for one request: the validator walks maps in a random order. The first rule that a place breaks
// explains the others away: a string is no integer and so neither too small nor too large.
func (c *collector) sorted() []Violation {
	slices.SortStableFunc(c.found, func(a, b Violation) int {
		return cmp.Or(cmp.Compare(a.Pointer, b.Pointer), cmp.Compare(a.Detail, b.Detail))
	})
	found := slices.CompactFunc(c.found, func(a, b Violation) bool { return a.Pointer == b.Pointer })
	return found[:min(len(found), maxViolations)]
}

// describe says what the rule asks for, never what was sent: a detail may end in a log.
func describe(rule jsonschema.ErrorKind) string {
	switch rule := rule.(type) {
	case *kind.Type:
		return "must be of type " + strings.Join(rule.Want, " or ")
	case *kind.Format:
		return describeFormat(rule)
	case *kind.MinLength:
		return fmt.Sprintf("must have at least %d characters", rule.Want)
	case *kind.MaxLength:
		return fmt.Sprintf("must have at most %d characters", rule.Want)
	case *kind.MinItems:
		return fmt.Sprintf("must have at least %d items", rule.Want)
	case *kind.MaxItems:
		return fmt.Sprintf("must have at most %d items", rule.Want)
	case *kind.Pattern:
		return describePattern(rule)
	case *kind.Minimum:
		return "must be at least " + number(rule.Want)
	case *kind.Maximum:
		return "must be at most " + number(rule.Want)
	default:
		return rule.LocalizedString(message.NewPrinter(language.English))
	}
}

func describeFormat(rule *kind.Format) string {
	if errors.Is(rule.Err, errNotWhole) {
		return errNotWhole.Error()
	}
	return "must be of the format " + rule.Want
}

// noControls is the one pattern that has a sentence of its own; any other is shown as it is.
const noControls = `^[^\x00-\x1f\x7f]*$`

func describePattern(rule *kind.Pattern) string {
	if rule.Want == noControls {
		return "must have no control characters"
	}
	return "must match " + rule.Want
}

func number(n *big.Rat) string {
	value, _ := n.Float64() // bounds in a contract are short
	return strconv.FormatFloat(value, 'f', -1, 64)
}
