// Package migrations holds the steps from an empty database to the schema of this build, in the order of their numbers.
// A step that has been released is never changed; the next one goes into a new file.
package migrations

import "embed"

// Files are the steps, for goose, which knows them by their names.
//
//go:embed *.sql
var Files embed.FS
