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
	MaxBodyBytes   int64
	MaxInFlight    int
	MaxQueued      int
	QueueTimeout   time.Duration
	CPUWorkers     int
	CPUQueue       int
	DatabasePath   string // a file, relative to the working directory or absolute

	cores     int
	effective []slog.Attr
	unknown   []string
}

// Development tells whether the service may prepare things by itself that production leaves to a deliberate step.
func (c *Config) Development() bool { return c.Env == envDevelopment }

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
func LoadConfig(environ []string, cores int) (*Config, error) {
	config := &Config{cores: cores}
	values := environment(environ)
	var faults []Fault
	for _, s := range settings() {
		key, value, err := s.lookup(values)
		if err == nil {
			if value == "" {
				value = s.derive(config)
			}
			err = s.apply(config, value)
		}
		if err != nil {
			faults = append(faults, Fault{Key: key, Detail: err.Error()})
		}
		config.effective = append(config.effective, slog.String(s.key, value))
	}
	if len(faults) > 0 {
		return nil, &ConfigError{Faults: faults}
	}
	config.unknown = unknownKeys(values)
	return config, nil
}

// lookup finds the value of a setting and the variable that it came from; an empty value counts as unset.
func (s setting) lookup(values map[string]string) (key, value string, err error) {
	if s.file {
		return s.lookupFile(values)
	}
	if values[s.key] == "" && s.alias != "" {
		return s.alias, values[s.alias], nil
	}
	return s.key, values[s.key], nil
}

func (s setting) lookupFile(values map[string]string) (key, value string, err error) {
	fileKey := s.key + fileSuffix
	name := values[fileKey]
	switch {
	case name == "":
		return s.key, values[s.key], nil
	case values[s.key] != "":
		return s.key, "", fmt.Errorf("is set beside %s; set one of them", fileKey)
	}
	content, err := os.ReadFile(name)
	if err != nil {
		return fileKey, "", errors.New("names a file that cannot be read")
	}
	return s.key, strings.TrimSpace(string(content)), nil
}

func environment(environ []string) map[string]string {
	values := make(map[string]string, len(environ))
	for _, pair := range environ {
		key, value, _ := strings.Cut(pair, "=")
		values[key] = value
	}
	return values
}

func unknownKeys(values map[string]string) []string {
	known := make(map[string]bool)
	for _, s := range settings() {
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
