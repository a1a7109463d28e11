package platform

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"
)

// Config is the effective configuration: read once, then only passed on.
type Config struct {
	Env            string
	Host           string
	Port           int
	AdminHost      string
	AdminPort      int
	LogLevel       slog.Level
	Drain          time.Duration // readiness is 503, requests are still served
	Shutdown       time.Duration // limit for requests in flight after the drain
	RequestTimeout time.Duration
	MaxBodyBytes   int
	MaxInFlight    int
	MaxQueued      int
	QueueTimeoutMS int
	RateLimit      Quota
	CPUWorkers     int
	CPUQueue       int
	DatabasePath   string // a file, relative to the working directory or absolute

	cores     int
	secrets   []*Secret // those that follow a file
	effective []slog.Attr
	unknown   []string
}

// OwnSettings are the rows of the service itself, which come behind the platform's. They may look at its configuration.
type OwnSettings func(config *Config) []Setting

// Development tells whether the service may prepare things by itself that production leaves to a deliberate step.
func (c *Config) Development() bool { return c.Env == envDevelopment }

// Production tells whether weak secrets are to be refused.
func (c *Config) Production() bool { return c.Env == envProduction }

// Log writes the first lines of the log: what is in force, and what was set in vain.
func (c *Config) Log(log *slog.Logger) {
	log.Info("configuration", slog.GroupAttrs("config", c.effective...))
	for _, key := range c.unknown {
		log.Warn("unknown configuration variable", "key", key)
	}
}

// Fault is one thing to mend in the configuration. It never holds a secret.
type Fault struct {
	Key    string `json:"key"`
	Detail string `json:"detail"`
}

// ConfigError lists everything that is wrong with the configuration, so that one start is enough to mend it.
type ConfigError struct{ Faults []Fault }

func (e *ConfigError) Error() string { return fmt.Sprintf("invalid configuration: %v", e.Faults) }

// LoadConfig reads the settings from variables in the form of os.Environ. Its error is a *ConfigError.
func LoadConfig(environ []string, cores int, own OwnSettings) (*Config, error) {
	config := &Config{cores: cores}
	values := environment(environ)
	rows := append(settings(config), own(config)...)
	var faults []Fault
	for _, s := range rows {
		if err := config.take(s, values); err != nil {
			faults = append(faults, *err)
		}
	}
	if len(faults) > 0 {
		return nil, &ConfigError{Faults: faults}
	}
	config.unknown = unknownKeys(rows, values)
	return config, nil
}

// take gives one setting its value, and returns what is wrong with it.
func (c *Config) take(s Setting, values map[string]string) *Fault {
	key, value, err := s.lookup(values)
	if err == nil {
		if value == "" {
			value = s.derive()
		}
		err = s.apply(value)
	}
	if err != nil {
		return &Fault{Key: key, Detail: err.Error()}
	}
	if s.secret != nil && values[key+fileSuffix] != "" {
		s.secret.file = values[key+fileSuffix]
		c.secrets = append(c.secrets, s.secret)
	}
	if s.shown != nil {
		value = s.shown(value)
	}
	c.effective = append(c.effective, slog.String(s.key, value))
	return nil
}

// lookup finds the value of a setting and the variable that it came from; an empty value counts as unset.
func (s Setting) lookup(values map[string]string) (key, value string, err error) {
	if s.file {
		return s.lookupFile(values)
	}
	if values[s.key] == "" && s.alias != "" {
		return s.alias, values[s.alias], nil
	}
	return s.key, values[s.key], nil
}

func (s Setting) lookupFile(values map[string]string) (key, value string, err error) {
	fileKey := s.key + fileSuffix
	name := values[fileKey]
	switch {
	case name == "":
		return s.key, values[s.key], nil
	case values[s.key] != "":
		return s.key, "", fmt.Errorf("is set beside %s; set one of them", fileKey)
	}
	content, err := readTrimmed(name)
	if err != nil {
		return fileKey, "", errors.New("names a file that cannot be read")
	}
	return s.key, content, nil
}

func readTrimmed(name string) (string, error) {
	content, err := os.ReadFile(name)
	if err != nil {
		return "", fmt.Errorf("read a secret: %w", err)
	}
	return strings.TrimSpace(string(content)), nil
}

func environment(environ []string) map[string]string {
	values := make(map[string]string, len(environ))
	for _, pair := range environ {
		key, value, _ := strings.Cut(pair, "=")
		values[key] = value
	}
	return values
}

func unknownKeys(rows []Setting, values map[string]string) []string {
	known := make(map[string]bool)
	for _, s := range rows {
		known[s.key] = true
		known[s.key+fileSuffix] = s.file
	}
	var unknown []string
	for key := range values {
		if strings.HasPrefix(key, "APP_") && !known[key] {
			unknown = append(unknown, key)
		}
	}
	slices.Sort(unknown)
	return unknown
}
