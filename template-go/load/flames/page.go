package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/google/pprof/driver"
)

// Its menus lead to pages that only a running pprof has.
const withoutMenus = "<style>.menu-item { display: none !important; } .title a { pointer-events: none; }</style></head>"

// draw returns pprof's own page of a profile. The page is asked for without a server: pprof hands its handlers over.
func draw(ctx context.Context, profile string) ([]byte, error) {
	answer := httptest.NewRecorder()
	err := driver.PProf(&driver.Options{
		Flagset: &arguments{
			FlagSet: flag.NewFlagSet("pprof", flag.ContinueOnError),
			given:   []string{"-no_browser", "-symbolize=none", "-http=localhost:0", profile},
		},
		UI: &quiet{},
		HTTPServer: func(server *driver.HTTPServerArgs) error {
			request, err := http.NewRequestWithContext(ctx, http.MethodGet, "/flamegraph", http.NoBody)
			if err != nil {
				return fmt.Errorf("ask for the page: %w", err)
			}
			server.Handlers["/flamegraph"].ServeHTTP(answer, request)
			return nil
		},
	})
	if err != nil {
		return nil, fmt.Errorf("read the profile: %w", err)
	}
	if answer.Code != http.StatusOK {
		return nil, errors.New(answer.Body.String())
	}
	return bytes.Replace(answer.Body.Bytes(), []byte("</head>"), []byte(withoutMenus), 1), nil
}

// arguments are a command line of pprof that is not this program's.
type arguments struct {
	*flag.FlagSet

	given []string
}

// StringList is an option that pprof may be given several times; here it never is.
func (a *arguments) StringList(name, value, usage string) *[]*string {
	return &[]*string{a.String(name, value, usage)}
}

func (*arguments) ExtraUsage() string { return "" }

func (*arguments) AddExtraUsage(string) {}

func (a *arguments) Parse(usage func()) []string {
	if a.FlagSet.Parse(a.given) != nil {
		usage()
	}
	return a.Args()
}

// quiet is a terminal that says nothing: where something fails, the error tells.
type quiet struct{}

func (*quiet) ReadLine(string) (string, error) { return "", errors.New("nobody is asked") }

func (*quiet) Print(...any) {}

func (*quiet) PrintErr(...any) {}

func (*quiet) IsTerminal() bool { return false }

func (*quiet) WantBrowser() bool { return false }

func (*quiet) SetAutoComplete(func(string) string) {}
