// Package api holds the contract, and in types.gen.go the Go types made from it (`make format` makes them anew).
package api

import _ "embed" // for the contract

// OpenAPI is the contract as it is served and as requests are checked by.
//
//go:embed openapi.yaml
var OpenAPI []byte
