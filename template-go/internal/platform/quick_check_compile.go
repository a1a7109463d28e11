package platform

import (
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strings"
)

// quickCompiler makes quick checks from a contract.
type quickCompiler struct {
	document any
	depth    int // of the schema that is being read
	unknown  bool
}

// maxMembers is how many bits there are to remember them by.
const maxMembers = 64

// newQuickCheck returns nil where the schema uses what quick checks do not know.
func newQuickCheck(document any, place ...string) *quickCheck {
	compiler := &quickCompiler{document: document}
	check := compiler.check(find(document, place))
	if compiler.unknown {
		return nil
	}
	return check
}

func (c *quickCompiler) check(node any) *quickCheck {
	schema, ok := node.(map[string]any)
	c.unknown = c.unknown || !ok || c.depth == maxDepth // as it is in a schema that contains itself
	if c.unknown {
		return nil
	}
	c.depth++
	defer func() { c.depth-- }()
	if reference, ok := schema["$ref"].(string); ok {
		c.knows(schema, "$ref")
		return c.check(find(c.document, strings.Split(reference, "/")[1:]))
	}
	switch schema["type"] {
	case "object":
		return c.object(schema)
	case "array":
		c.knows(schema, "type", "items", "minItems", "maxItems")
		return &quickCheck{
			kind: '[', items: c.check(schema["items"]),
			least: c.bound(schema, "minItems", 0), most: c.bound(schema, "maxItems", math.MaxInt64),
		}
	case "string":
		return c.text(schema)
	case "integer":
		c.knows(schema, "type", "format", "minimum", "maximum")
		c.unknown = c.unknown || !slices.Contains([]any{nil, "int32", "int64"}, schema["format"])
		return &quickCheck{
			least: c.bound(schema, "minimum", math.MinInt64), most: c.bound(schema, "maximum", math.MaxInt64),
		}
	}
	c.unknown = true
	return nil
}

func (c *quickCompiler) object(schema map[string]any) *quickCheck {
	c.knows(schema, "type", "additionalProperties", "required", "properties")
	properties, _ := schema["properties"].(map[string]any)
	required, _ := schema["required"].([]any)
	if len(properties) > maxMembers {
		c.unknown = true
		return nil
	}
	check := &quickCheck{kind: '{'}
	for i, name := range slices.Sorted(maps.Keys(properties)) {
		check.members = append(check.members, quickMember{name, c.check(properties[name])})
		if slices.Contains(required, any(name)) {
			check.required |= 1 << i
		}
	}
	c.unknown = c.unknown || slices.ContainsFunc(required, func(name any) bool {
		text, ok := name.(string)
		return !ok || properties[text] == nil
	})
	return check
}

func (c *quickCompiler) text(schema map[string]any) *quickCheck {
	c.knows(schema, "type", "minLength", "maxLength", "pattern", "enum")
	check := &quickCheck{
		kind: '"', least: c.bound(schema, "minLength", 0), most: c.bound(schema, "maxLength", math.MaxInt64),
		noControls: schema["pattern"] == noControls,
	}
	c.unknown = c.unknown || schema["pattern"] != nil && !check.noControls
	if values, ok := schema["enum"].([]any); ok {
		check.oneOf = []string{}
		for _, value := range values {
			text, ok := value.(string)
			c.unknown = c.unknown || !ok
			check.oneOf = append(check.oneOf, text)
		}
	}
	return check
}

// knows holds a schema to the keywords that are looked at; words for readers alone are no rules.
func (c *quickCompiler) knows(schema map[string]any, keywords ...string) {
	words := []string{"description", "title", "default", "example", "examples"}
	for keyword := range schema {
		c.unknown = c.unknown || !slices.Contains(keywords, keyword) && !slices.Contains(words, keyword)
	}
}

func (c *quickCompiler) bound(schema map[string]any, keyword string, otherwise int64) int64 {
	value, ok := schema[keyword]
	if !ok {
		return otherwise
	}
	number, _ := value.(json.Number)
	bound, err := number.Int64()
	c.unknown = c.unknown || err != nil
	return bound
}
