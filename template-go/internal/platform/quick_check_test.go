package platform

import (
	"encoding/json"
	"strings"
	"testing"
)

// quickSchema has everything that a quick check knows.
const quickSchema = `{
	"a": {"$ref": "#/thing"},
	"thing": {"type": "object", "additionalProperties": false, "required": ["name", "list"], "description": "A thing.",
		"properties": {
			"name": {"type": "string", "minLength": 1, "maxLength": 4, "pattern": "^[^\\x00-\\x1f\\x7f]*$"},
			"list": {"type": "array", "minItems": 1, "maxItems": 3, "items": {"$ref": "#/inner"}},
			"kind": {"type": "string", "enum": ["a", "bc"], "default": "a"},
			"text": {"type": "string"}
		}},
	"inner": {"type": "object", "properties": {
		"n": {"type": "integer", "format": "int32", "minimum": -5, "maximum": 1000}, "big": {"type": "integer"}}}
}`

func quickChecks(t *testing.T, document string) (op *operation) {
	t.Helper()
	compiler, err := newCompiler([]byte(document))
	if err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.compile("a")
	if err != nil {
		t.Fatal(err)
	}
	return &operation{body: schema, quick: newQuickCheck(compiler.document, "a"), maxItems: 3}
}

// valid is what the other, thorough check says.
func (op *operation) valid(body string) bool {
	violations, err := op.checkBody([]byte(body))
	return err == nil && len(violations) == 0
}

func quicklyAccepted() []string {
	return []string{
		`{"name":"ab","list":[{}]}`,
		" {\"list\" : [ {\"n\": -5 , \"big\":123456789012345678}, {\"big\":0}\t,{\"n\":1000} ],\r\n\"name\":\"😀 ä/\"} \n",
		`{"text": "", "kind": "bc", "name": "x", "list": [{"n": 0}]}`,
	}
}

func TestWhatIsValidIsAcceptedQuickly(t *testing.T) {
	t.Parallel()
	op := quickChecks(t, quickSchema)
	for _, body := range quicklyAccepted() {
		equal(t, "quickly: "+body, op.quick.accepts([]byte(body)), true)
		equal(t, "thoroughly: "+body, op.valid(body), true)
	}
}

func TestWhatIsInDoubtIsLeftToTheValidator(t *testing.T) {
	t.Parallel()
	op := quickChecks(t, quickSchema)
	for _, body := range []string{
		``, ` `, `null`, `[]`, `{}`, `{`, `{"name":"a"}`, `{"name":"a","list":[]}`, `{"name":"a","list":[{}]`,
		`{"name":"a","list":[{}]}x`, `{"name":"a","list":[{}]}{}`, "{\"name\":\"a\",\"list\":[{}]}\x00",
		`{"name":"a","list":[{}],}`,
		`{,"name":"a","list":[{}]}`, `{"name":"a","list":[{},]}`, `{"name":"a","list":[,{}]}`, `{"name":"a" "list":[{}]}`,
		`{"name":"a","list":[{} {}]}`, `{"name":"a","name":"a","list":[{}]}`, `{"name":"","list":[{}]}`,
		`{"name":"abcde","list":[{}]}`, "{\"name\":\"\x7f\",\"list\":[{}]}", "{\"name\":\"\t\",\"list\":[{}]}",
		"{\"name\":\"\xff\",\"list\":[{}]}", `{"name":"\u0041","list":[{}]}`, `{"n\u0061me":"a","list":[{}]}`,
		`{"name":"a","list":[{},{},{},{}]}`, `{"name":"a","list":[1]}`, `{"name":"a","list":{}}`, `{"name":1,"list":[{}]}`,
		`{"name":"a","list":[{"n":1001}]}`, `{"name":"a","list":[{"n":-6}]}`, `{"name":"a","list":[{"n":1.0}]}`,
		`{"name":"a","list":[{"n":1e0}]}`, `{"name":"a","list":[{"n":01}]}`, `{"name":"a","list":[{"n":-0}]}`,
		`{"name":"a","list":[{"n":-}]}`, `{"name":"a","list":[{"n":1-1}]}`, `{"name":"a","list":[{"n":}]}`,
		`{"name":"a","list":[{"n":"1"}]}`, `{"name":"a","list":[{"n":null}]}`, `{"name":"a","list":[{"n": - 1}]}`,
		`{"name":"a","list":[{"big":1234567890123456789}]}`, `{"name":"a","list":[{"n":-01}]}`,
		`{"name":"a","list":[{}],"kind":"b"}`, `{"name":"a","list":[{}],"more":1}`, `{"name":"a","list":[{"more":1}]}`,
	} {
		equal(t, body, op.quick.accepts([]byte(body)), false)
	}
}

// TestTheQuickCheckNeverAcceptsMore spoils valid bodies at every place. Some stay valid, most do not.
func TestTheQuickCheckNeverAcceptsMore(t *testing.T) {
	t.Parallel()
	op := quickChecks(t, quickSchema)
	pieces := []string{
		``, ` `, `,`, `:`, `"`, `\`, `\u0041`, `{`, `}`, `[`, `]`, `-`, `0`, `9`, `1.5`, `e1`, `"name"`, `"list"`, `{}`,
		`,{}`, "\x7f", "\x80", "ä", "\x00", `null`, `"kind":"a",`, `"n":1`,
	}
	const mostCut = 2
	accepted := 0
	for _, valid := range quicklyAccepted() {
		for at := range valid {
			for _, piece := range pieces {
				for cut := range mostCut + 1 {
					body := valid[:at] + piece + valid[min(len(valid), at+cut):]
					if !op.quick.accepts([]byte(body)) {
						continue
					}
					if accepted++; !op.valid(body) {
						t.Errorf("%q is not valid", body)
					}
				}
			}
		}
	}
	equal(t, "some are accepted", accepted > 100, true)
}

func TestSchemasThatAreNotChecked(t *testing.T) {
	t.Parallel()
	for _, schema := range []string{
		`{}`, `true`, `{"type": "number"}`, `{"type": ["string", "null"]}`, `{"type": "string", "format": "uuid"}`,
		`{"type": "string", "pattern": "^x"}`, `{"type": "string", "enum": ["a", 1]}`, `{"type": "string", "const": "a"}`,
		`{"type": "integer", "multipleOf": 2}`, `{"type": "integer", "minimum": 0.5}`,
		`{"type": "integer", "format": "even"}`, `{"type": "array", "maxItems": 1}`, `{"type": "array", "items": {}}`,
		`{"$ref": "#/a"}`, `{"$ref": "#/b", "minLength": 1}`,
		`{"type": "array", "items": {"type": "integer"}, "uniqueItems": true}`, `{"type": "object", "required": ["a"]}`,
		`{"type": "object", "properties": {"a": {"$ref": "#/a"}, "b": {"$ref": "#/a"}}}`,
		`{"type": "object", "minProperties": 1}`, `{"type": "object", "properties": {` + members(maxMembers+1) + `}}`,
	} {
		var document any
		decoder := json.NewDecoder(strings.NewReader(`{"b": {"type": "string"}, "a": ` + schema + `}`))
		decoder.UseNumber()
		if err := decoder.Decode(&document); err != nil {
			t.Fatal(err)
		}
		if newQuickCheck(document, "a") != nil {
			t.Errorf("%s has a quick check", schema)
		}
	}
}

func members(count int) string {
	var all []string
	for i := range count {
		all = append(all, `"m`+strings.Repeat("x", i)+`": {"type": "string"}`)
	}
	return strings.Join(all, ", ")
}
