package platform

import (
	"errors"
	"net/url"
	"strconv"
	"strings"
)

const (
	mostURLs = 16
	mostPort = 65535
)

// URLs accepts http and https URLs joined by commas. They are shown without their queries and never echoed: a URL may hold
// a key.
func URLs(key, meaning string, target *[]*url.URL) Setting {
	return Parsed(key, "", meaning, func(v string) error {
		parsed, err := parseURLs(v)
		*target = parsed
		return err
	}, withoutQueries)
}

func parseURLs(value string) (all []*url.URL, err error) {
	if value == "" {
		return nil, nil
	}
	for text := range strings.SplitSeq(value, ",") {
		parsed, err := url.Parse(text)
		if err != nil || !Printable(text) || !acceptable(parsed) || strings.Contains(text, "#") || len(all) == mostURLs {
			return nil, errors.New("must be http or https URLs joined by commas")
		}
		all = append(all, parsed)
	}
	return all, nil
}

func acceptable(u *url.URL) bool {
	port, err := strconv.Atoi(u.Port())
	validPort := u.Port() == "" || err == nil && port > 0 && port <= mostPort
	return (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" && u.User == nil && validPort
}

// withoutQueries is the value as the log shows it.
func withoutQueries(value string) string {
	shown := strings.Split(value, ",")
	for i, text := range shown {
		shown[i], _, _ = strings.Cut(text, "?")
	}
	return strings.Join(shown, ",")
}
