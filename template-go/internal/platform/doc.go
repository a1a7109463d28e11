// Package platform is everything of the service that is the same in every service: configuration, life cycle,
// listeners, admission, the contract's checks, problem details, telemetry, calls to other services, whatever keeps
// data, and the CPU pool.
//
// It never imports the service's own packages (.golangci.yml holds it to that), so it can be kept current by
// `copier update` while the domains and app are yours to change.
package platform
