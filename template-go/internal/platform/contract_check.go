package platform

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// check holds a request, whose body has been read, to the contract and reports every broken rule at once.
func (op *operation) check(r *http.Request, body []byte) error {
	var violations []Violation
	if len(op.query) > 0 {
		violations = op.checkQuery(r.URL.Query())
	}
	if op.body != nil && !op.quick.accepts(body) {
		found, err := op.checkBody(body)
		if err != nil {
			return err
		}
		violations = append(violations, found...)
	}
	if len(violations) > 0 {
		return Unprocessable(violations...)
	}
	return nil
}

func (op *operation) checkBody(body []byte) ([]Violation, error) {
	if len(body) == 0 {
		return nil, NewProblem(http.StatusBadRequest, "The request body is empty.")
	}
	tree, err := parseJSON(body, op.maxItems+1)
	if err != nil {
		return nil, err
	}
	return violationsOf(op.body, tree), nil
}

// checkQuery looks only at the parameters that the contract names; others are ignored.
func (op *operation) checkQuery(query url.Values) []Violation {
	var violations []Violation
	for _, p := range op.query {
		if !query.Has(p.name) {
			if p.required {
				violations = append(violations, Violation{Parameter: p.name, Detail: "is required"})
			}
			continue
		}
		var value any = query.Get(p.name)
		if p.integer {
			value = integerOr(query.Get(p.name))
		}
		if found := violationsOf(p.schema, value); len(found) > 0 {
			violations = append(violations, Violation{Parameter: p.name, Detail: found[0].Detail})
		} else if err := p.ownRule(query.Get(p.name)); err != nil {
			violations = append(violations, Violation{Parameter: p.name, Detail: err.Error()})
		}
	}
	return violations
}

func (p *parameter) ownRule(value string) error {
	if p.rule == nil {
		return nil
	}
	return p.rule(value)
}

// addRules gives parameters the rules that their schemas cannot express.
func (op *operation) addRules(rules map[string]func(value string) error) {
	for i := range op.query {
		op.query[i].rule = rules[op.query[i].name]
	}
}

// pointer writes a place in a document as an RFC 6901 pointer behind a #.
func pointer(place []string) string {
	var b strings.Builder
	b.WriteByte('#')
	for _, token := range place {
		b.WriteByte('/')
		b.WriteString(strings.ReplaceAll(strings.ReplaceAll(token, "~", "~0"), "/", "~1"))
	}
	return b.String()
}

// violationsOf flattens what the validator found into one entry for each place.
func violationsOf(schema *jsonschema.Schema, value any) []Violation {
	failure, failed := errors.AsType[*jsonschema.ValidationError](schema.Validate(value))
	if !failed {
		return nil
	}
	var found collector
	found.add(failure)
	return found.sorted()
}
