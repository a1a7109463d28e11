package platform

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"
)

// Contract is the OpenAPI document that the service serves, routes by and checks requests with. So what is published
// and what is enforced cannot differ.
type Contract struct {
	yaml       []byte
	json       []byte
	operations []*operation
}

// operation is one method of one path, with the schemas that its requests are held to.
type operation struct {
	id        string
	pattern   string             // as http.ServeMux takes it
	body      *jsonschema.Schema // nil when it takes none
	quick     *quickCheck        // of the body, nil when there is none
	mediaType string             // of its body
	query     []parameter
	maxItems  int         // no array in its body may be longer
	farewell  http.Header // what its answers say of its end, where it is deprecated
}

type parameter struct {
	name     string
	required bool
	integer  bool
	schema   *jsonschema.Schema
	rule     func(value string) error // the operation's own, nil for none
}

// document is as much of an OpenAPI document as routing needs; jsonschema reads the rest.
type document struct {
	Paths map[string]map[string]json.RawMessage `json:"paths"`
}

type operationDocument struct {
	OperationID string              `json:"operationId"`
	Deprecated  bool                `json:"deprecated"`
	Since       string              `json:"x-deprecated-at"`
	Sunset      string              `json:"x-sunset"`
	Parameters  []parameterDocument `json:"parameters"`
	RequestBody *struct {
		Content map[string]struct{} `json:"content"`
	} `json:"requestBody"`
}

type parameterDocument struct {
	Name     string `json:"name"`
	In       string `json:"in"`
	Required bool   `json:"required"`
	Schema   struct {
		Type string `json:"type"`
	} `json:"schema"`
}

// LoadContract reads an OpenAPI 3.1 document in YAML.
func LoadContract(source []byte) (*Contract, error) {
	var tree any
	if err := yaml.Unmarshal(source, &tree); err != nil {
		return nil, fmt.Errorf("read the contract: %w", err)
	}
	asJSON, err := json.Marshal(tree)
	if err != nil {
		return nil, fmt.Errorf("turn the contract into JSON: %w", err)
	}
	var parsed document
	if err := json.Unmarshal(asJSON, &parsed); err != nil {
		return nil, fmt.Errorf("read the contract's paths: %w", err)
	}
	compiler, err := newCompiler(asJSON)
	if err != nil {
		return nil, err
	}
	contract := &Contract{yaml: source, json: asJSON}
	for path, item := range parsed.Paths {
		for method, raw := range item {
			operation, err := compiler.operation(path, method, raw)
			if err != nil {
				return nil, err
			}
			contract.operations = append(contract.operations, operation)
		}
	}
	return contract, nil
}

const contractURL = "contract:openapi"

type contractCompiler struct {
	schemas  *jsonschema.Compiler
	document any
}

func newCompiler(asJSON []byte) (*contractCompiler, error) {
	schemas := jsonschema.NewCompiler()
	schemas.AssertFormat()
	schemas.RegisterFormat(&jsonschema.Format{Name: "int32", Validate: wholeNumber})
	schemas.RegisterFormat(&jsonschema.Format{Name: "int64", Validate: wholeNumber})
	tree, err := jsonschema.UnmarshalJSON(strings.NewReader(string(asJSON)))
	if err != nil {
		return nil, fmt.Errorf("read the contract's schemas: %w", err)
	}
	if err := schemas.AddResource(contractURL, tree); err != nil {
		return nil, fmt.Errorf("read the contract's schemas: %w", err)
	}
	return &contractCompiler{schemas: schemas, document: tree}, nil
}

func (c *contractCompiler) operation(path, method string, raw json.RawMessage) (*operation, error) {
	var parsed operationDocument
	if err := json.Unmarshal(raw, &parsed); err != nil {
		return nil, fmt.Errorf("read %s %s of the contract: %w", method, path, err)
	}
	op := &operation{
		id: parsed.OperationID, pattern: strings.ToUpper(method) + " " + path, farewell: farewell(&parsed),
	}
	if parsed.RequestBody != nil {
		types := slices.Collect(maps.Keys(parsed.RequestBody.Content))
		if len(types) != 1 {
			return nil, fmt.Errorf("the body of %s has %d media types in the contract, not one", op.pattern, len(types))
		}
		schema, err := c.compile("paths", path, method, "requestBody", "content", types[0], "schema")
		if err != nil {
			return nil, err
		}
		op.body, op.mediaType = schema, types[0]
		op.quick = newQuickCheck(c.document, "paths", path, method, "requestBody", "content", types[0], "schema")
		if op.maxItems, err = longestArray(c.document, "paths", path, method, "requestBody"); err != nil {
			return nil, err
		}
	}
	for i, p := range parsed.Parameters {
		if p.In != "query" {
			continue
		}
		schema, err := c.compile("paths", path, method, "parameters", strconv.Itoa(i), "schema")
		if err != nil {
			return nil, err
		}
		op.query = append(op.query,
			parameter{name: p.Name, required: p.Required, integer: p.Schema.Type == "integer", schema: schema})
	}
	return op, nil
}

func (c *contractCompiler) compile(place ...string) (*jsonschema.Schema, error) {
	fragment := strings.TrimPrefix(pointer(place), "#")
	schema, err := c.schemas.Compile(contractURL + "#" + (&url.URL{Fragment: fragment}).EscapedFragment())
	if err != nil {
		return nil, fmt.Errorf("compile a schema of the contract: %w", err)
	}
	return schema, nil
}

func (c *Contract) serveYAML(w http.ResponseWriter, _ *http.Request) error {
	writeBytes(w, http.StatusOK, "application/yaml", c.yaml)
	return nil
}

func (c *Contract) serveJSON(w http.ResponseWriter, _ *http.Request) error {
	writeBytes(w, http.StatusOK, jsonMediaType, c.json)
	return nil
}
