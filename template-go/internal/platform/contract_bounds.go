package platform

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// bounds finds the largest maxItems that a request can meet. What has no bound could be sent without end, and the checks
// would report each item of a million; so an array without one is a fault of the contract.
type bounds struct {
	document any
	seen     map[string]bool // references followed, for schemas may contain themselves
	longest  int
}

func longestArray(document any, place ...string) (int, error) {
	b := &bounds{document: document, seen: make(map[string]bool)}
	err := b.walk(find(document, place))
	return b.longest, err
}

func (b *bounds) walk(node any) error {
	var failures []error
	switch node := node.(type) {
	case []any:
		for _, child := range node {
			failures = append(failures, b.walk(child))
		}
	case map[string]any:
		failures = append(failures, b.note(node))
		for _, child := range node {
			failures = append(failures, b.walk(child))
		}
	}
	return errors.Join(failures...)
}

// note looks at one object of the document, which may be a schema or a reference to one.
func (b *bounds) note(node map[string]any) error {
	if reference, ok := node["$ref"].(string); ok && !b.seen[reference] {
		b.seen[reference] = true
		return b.walk(find(b.document, strings.Split(reference, "/")[1:]))
	}
	bound, ok := node["maxItems"].(json.Number)
	if !ok {
		if node["type"] == "array" {
			return fmt.Errorf("an array in a request of the contract has no maxItems: %v", node)
		}
		return nil
	}
	n, err := bound.Int64()
	if err != nil {
		return fmt.Errorf("read a maxItems of the contract: %w", err)
	}
	b.longest = max(b.longest, int(n))
	return nil
}

// find follows names from the root of a document; a name that is not there leads to nothing.
func find(node any, place []string) any {
	for _, name := range place {
		object, _ := node.(map[string]any)
		node = object[name]
	}
	return node
}
