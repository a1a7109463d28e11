package main

import (
	"encoding/json"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"
)

// contract holds the answers of the program to what api/openapi.yaml promises.
type contract struct {
	document any
	schemas  *jsonschema.Compiler
}

const contractURL = "contract:openapi"

func readContract(t *testing.T) *contract {
	t.Helper()
	source, err := os.ReadFile("../../api/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var tree any
	if err := yaml.Unmarshal(source, &tree); err != nil {
		t.Fatal(err)
	}
	asJSON, err := json.Marshal(tree)
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(string(asJSON)))
	if err != nil {
		t.Fatal(err)
	}
	c := &contract{document: document, schemas: jsonschema.NewCompiler()}
	c.schemas.AssertFormat()
	if err := c.schemas.AddResource(contractURL, document); err != nil {
		t.Fatal(err)
	}
	return c
}

// at finds a place in the document and says where it is, when the references on the way have been followed.
func (c *contract) at(place ...string) (node any, pointer string) {
	node = c.document
	for _, name := range place {
		object, _ := node.(map[string]any)
		node = object[name]
		pointer += "/" + strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D").Replace(name)
		if object, ok := node.(map[string]any); ok {
			if reference, ok := object["$ref"].(string); ok {
				node, pointer = c.at(strings.Split(reference, "/")[1:]...)
			}
		}
	}
	return node, pointer
}

// holds fails the test when an answer is none of those that the contract names for the operation.
func (c *contract) holds(t *testing.T, method, target string, status int, header http.Header, answer string) {
	t.Helper()
	place := []string{"paths", c.path(target), strings.ToLower(method), "responses"}
	if node, _ := c.at(append(place, strconv.Itoa(status))...); node == nil {
		t.Errorf("%s %s: the contract does not name status %d", method, target, status)
		return
	}
	place = append(place, strconv.Itoa(status))
	if content, _ := c.at(append(place, "content")...); content == nil {
		if answer != "" {
			t.Errorf("%s %s: the contract has no body for status %d: %s", method, target, status, answer)
		}
		return
	}
	_, pointer := c.at(append(place, "content", header.Get("Content-Type"), "schema")...)
	schema, err := c.schemas.Compile(contractURL + "#" + pointer)
	if err != nil {
		t.Errorf("%s %s: %d of %s: %v", method, target, status, header.Get("Content-Type"), err)
		return
	}
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(answer))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(value); err != nil {
		t.Errorf("%s %s: %s breaks the contract: %v", method, target, answer, err)
	}
}

// path is the template that a target was made from; an id is its last segment.
func (c *contract) path(target string) string {
	path, _, _ := strings.Cut(target, "?")
	if node, _ := c.at("paths", path); node != nil {
		return path
	}
	return path[:strings.LastIndex(path, "/")] + "/{id}"
}

// violations are the places that a problem names, sorted, and all that it says in detail.
func violations(t *testing.T, status int, answer string) (places, details []string) {
	t.Helper()
	if status < http.StatusBadRequest {
		return nil, nil
	}
	var problem struct {
		Detail string `json:"detail"`
		Errors []struct {
			Pointer   string `json:"pointer"`
			Parameter string `json:"parameter"`
			Detail    string `json:"detail"`
		} `json:"errors"`
	}
	if err := json.Unmarshal([]byte(answer), &problem); err != nil {
		t.Fatal(err)
	}
	details = append(details, problem.Detail)
	for _, one := range problem.Errors {
		places = append(places, one.Pointer+one.Parameter)
		details = append(details, one.Detail)
	}
	slices.Sort(places)
	return places, details
}
