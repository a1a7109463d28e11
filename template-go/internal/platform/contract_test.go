package platform

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

func TestVerdicts(t *testing.T) {
	t.Parallel()
	f := newFixture(t, echo)
	const valid = `{"name": "ab", "sizes": [1]}`
	for _, c := range []struct {
		body   string
		status int
		at     string // pointers, with a blank between them
	}{
		{valid, 200, ""},
		{`{"name": "😀😀😀😀", "sizes": [0, 9], "kind": "a"}`, 200, ""},
		{`{"name": "\ud83d\ude00", "sizes": [-0]}`, 200, ""},
		{`{"name": "\u0000", "sizes": [1]}`, 200, ""},
		{`{"name": "a\\ud800", "sizes": [1]}`, 422, "#/name"}, // text, not a surrogate; but too long
		{"", 400, ""},
		{"{", 400, ""},
		{valid + "x", 400, ""},
		{valid + valid, 400, ""},
		{`{"name": "a", "sizes": [NaN]}`, 400, ""},
		{`{"name": "a", "sizes": [Infinity]}`, 400, ""},
		{`{"name": "a", "sizes": [01]}`, 400, ""},
		{`{"name": "a` + "\xff" + `", "sizes": [1]}`, 400, ""},
		{`{"name": "\ud800", "sizes": [1]}`, 400, ""},
		{`{"name": "\udc00", "sizes": [1]}`, 400, ""},
		{`{"name": "\ud800\ud800", "sizes": [1]}`, 400, ""},
		{`{"name": "\ud800\n", "sizes": [1]}`, 400, ""},
		{`{"\ud800": 1}`, 400, ""},
		{"null", 422, "#"},
		{"[]", 422, "#"},
		{`"a"`, 422, "#"},
		{"1", 422, "#"},
		{"{}", 422, "#/name #/sizes"},
		{`{"name": "", "sizes": []}`, 422, "#/name #/sizes"},
		{`{"name": "abcde", "sizes": [1, 2, 3, 4]}`, 422, "#/name #/sizes"},
		{`{"name": 1, "sizes": {}}`, 422, "#/name #/sizes"},
		{`{"name": null, "sizes": null}`, 422, "#/name #/sizes"},
		{`{"name": "a", "sizes": ["1", 1.0, 1e0]}`, 422, "#/sizes/0 #/sizes/1 #/sizes/2"},
		{`{"name": "a", "sizes": [true, -1, 10]}`, 422, "#/sizes/0 #/sizes/1 #/sizes/2"},
		{`{"name": "a", "sizes": [1.5, 1e400, 99999999999999999999]}`, 422, "#/sizes/0 #/sizes/1 #/sizes/2"},
		{`{"name": "a", "sizes": [1], "kind": "c"}`, 422, "#/kind"},
		{`{"name": "a", "sizes": [1], "Name": "b"}`, 422, "#/Name"},
		{`{"name": "a", "sizes": [1], "x/y~z ä": 1}`, 422, "#/x~1y~0z ä"},
		{strings.Repeat("[", 64) + strings.Repeat("]", 64), 422, "#"},
		{strings.Repeat("[", 65) + strings.Repeat("]", 65), 400, ""},
		{`{"name": ` + strings.Repeat(`{"a": `, 64) + "1" + strings.Repeat("}", 65), 400, ""},
		{`{"name": "a", "name": "a", "sizes": [1]}`, 400, ""},
		{`{"name": "a", "sizes": [1, 1, 1, 1, {"b": 1, "\u0062": 2}]}`, 400, ""},
		{`{"name": "a", "sizes": [1], "": 1, "": 1}`, 400, ""},
		{`{"name": "a", "sizes": [{"b": 1}, {"b": 1}]}`, 422, "#/sizes/0 #/sizes/1"},
		{strings.Repeat("[", 100000), 400, ""},
	} {
		r := request(t, http.MethodPost, "/things", c.body)
		w := f.do(r)
		equal(t, "status of "+c.body[:min(80, len(c.body))], w.Code, c.status)
		if c.status == http.StatusOK {
			equal(t, "body handed on", w.Body.String(), c.body)
			continue
		}
		equal(t, "places of "+c.body[:min(80, len(c.body))], pointers(problemOf(t, w)), c.at)
	}
}

func pointers(problem ProblemError) string {
	found := make([]string, 0, len(problem.Errors))
	for _, violation := range problem.Errors {
		found = append(found, violation.Pointer)
	}
	slices.Sort(found)
	return strings.Join(found, " ")
}

func TestDetailsSayWhatTheRuleAsksFor(t *testing.T) {
	t.Parallel()
	f := newFixture(t, ok)
	w := f.do(request(t, http.MethodPost, "/things",
		`{"name": "abcde", "sizes": [1.0, -1, 10], "kind": "c", "more": 1}`))
	got := make(map[string]string)
	for _, violation := range problemOf(t, w).Errors {
		got[violation.Pointer] = violation.Detail
	}
	for pointer, detail := range map[string]string{
		"#/name":    "must have at most 4 characters",
		"#/sizes/0": "must be an integer without fraction or exponent",
		"#/sizes/1": "must be at least 0",
		"#/sizes/2": "must be at most 9",
		"#/kind":    "value must be one of 'a', 'b'",
		"#/more":    "is not known",
	} {
		equal(t, pointer, got[pointer], detail)
	}
	w = f.do(request(t, http.MethodPost, "/things", `{"name": "", "sizes": []}`))
	equal(t, "too short", problemOf(t, w).Errors[0].Detail, "must have at least 1 characters")
	equal(t, "too few", problemOf(t, w).Errors[1].Detail, "must have at least 1 items")
	r := request(t, http.MethodPatch, "/things/1", `{"name": "a\tb", "code": "y"}`)
	r.Header.Set("Content-Type", "application/merge-patch+json")
	w = f.do(r)
	equal(t, "another pattern", problemOf(t, w).Errors[0].Detail, "must match ^x")
	equal(t, "control characters", problemOf(t, w).Errors[1].Detail, "must have no control characters")
}

func TestQueryValues(t *testing.T) {
	t.Parallel()
	f := newFixture(t, ok)
	for query, want := range map[string]string{
		"name=a": "", "name=a&limit=1": "", "name=a&limit=200": "", "name=a&other=%00": "",
		"name=a&limit=0": "limit", "name=a&limit=201": "limit", "name=a&limit=-1": "limit", "name=a&limit=": "limit",
		"name=a&limit=1e9": "limit", "name=a&limit=%2B1": "limit", "name=a&limit=abc": "limit", "name=a&limit=1.0": "limit",
		"name=a&limit=99999999999999999999": "limit", "": "name", "name=": "name", "limit=x": "limit name",
		"name=zero": "name", "name=zero&limit=0": "limit name",
	} {
		w := f.do(request(t, http.MethodGet, "/things?"+query, ""))
		if want == "" {
			equal(t, "status of "+query, w.Code, http.StatusOK)
			continue
		}
		var at []string
		for _, violation := range problemOf(t, w).Errors {
			at = append(at, violation.Parameter)
		}
		equal(t, "status of "+query, w.Code, http.StatusUnprocessableEntity)
		equal(t, "places of "+query, strings.Join(at, " "), want)
	}
}

func TestTheListOfMistakesIsBounded(t *testing.T) {
	t.Parallel()
	f := newFixture(t, ok)
	items := strings.Repeat("true,", 100_000) + "true"
	w := f.do(request(t, http.MethodPost, "/things", `{"name": "a", "sizes": [`+items+`]}`))
	equal(t, "places", pointers(problemOf(t, w)), "#/sizes #/sizes/0 #/sizes/1 #/sizes/2 #/sizes/3")
	var members strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&members, `"m%d": 1,`, i)
	}
	w = f.do(request(t, http.MethodPost, "/things", "{"+members.String()+`"name": "a"}`))
	equal(t, "errors", len(problemOf(t, w).Errors), maxViolations)
}

func TestTheContractIsServedAsItIs(t *testing.T) {
	t.Parallel()
	f := newFixture(t, ok)
	equal(t, "YAML", f.do(request(t, http.MethodGet, "/openapi.yaml", "")).Body.String(), testContract)
	var tree map[string]any
	if err := json.Unmarshal(f.do(request(t, http.MethodGet, "/openapi.json", "")).Body.Bytes(), &tree); err != nil {
		t.Fatal(err)
	}
	equal(t, "version", tree["openapi"], any("3.1.1"))
}

func TestContractsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for _, source := range []string{
		"a: [", "paths: 1", "paths: {/a: {get: 1}}", "paths: {/a: {post: {requestBody: {}}}}",
		"paths: {/a: {post: {requestBody: {content: {application/json: {schema: {type: array}}}}}}}",
		"paths: {/a: {post: {requestBody: {content: {a/a: {schema: {}}, b/b: {schema: {}}}}}}}",
		"paths: {/a: {get: {parameters: [{name: a, in: query, schema: {type: 7}}]}}}",
	} {
		if _, err := LoadContract([]byte(source)); err == nil {
			t.Errorf("%q passed for a contract", source)
		}
	}
}

func TestOperationsAndContractNameTheSame(t *testing.T) {
	t.Parallel()
	f := newFixture(t, ok)
	f.public.Operations["unknown"] = Operation{Handle: ok}
	if _, err := f.public.Handler(); err == nil {
		t.Error("an operation that the contract does not name was taken")
	}
	delete(f.public.Operations, "unknown")
	delete(f.public.Operations, "readThing")
	if _, err := f.public.Handler(); err == nil || !strings.Contains(err.Error(), "readThing") {
		t.Errorf("a missing operation gave %v", err)
	}
}
