# The verbs are the same in every service: make help lists them.
# Variables named APP_* and OTEL_* in the environment reach every verb as they are.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
BASE_URL ?= http://127.0.0.1:$(or $(APP_PORT),$(PORT),8080)
PROFILE ?= smoke
TRIVIUM ?= trivium

.PHONY: help
help: ## list the verbs
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(firstword $(MAKEFILE_LIST)) | awk -F'|' '{ printf "%-20s %s\n", $$1, $$2 }'

.PHONY: contract-diff
contract-diff: ## fail when api/openapi.yaml breaks what the last tag promised
	@scripts/contract-diff.sh

.PHONY: verify
verify: ## check the running of this service by the readiness suite, as verify.yml says
	@command -v $(TRIVIUM) >/dev/null || { echo "make verify needs trivium: run make setup in the checkout of Trivium (_src_path in .copier-answers.yml names it), then here make verify TRIVIUM=CHECKOUT/.venv/bin/trivium" >&2; exit 1; }
	@exec $(TRIVIUM) verify

.PHONY: slo
slo: ## write the alerts and the dashboard in deploy/ anew from slo.yaml
	@command -v $(TRIVIUM) >/dev/null || { echo "make slo needs trivium: run make setup in the checkout of Trivium (_src_path in .copier-answers.yml names it), then here make slo TRIVIUM=CHECKOUT/.venv/bin/trivium" >&2; exit 1; }
	@exec $(TRIVIUM) slo
{%- if database == 'postgres' %}

.PHONY: db
db: ## run a PostgreSQL for development, its data in data/postgres, until Ctrl-C
	@exec scripts/postgres.sh -D data/postgres
{%- endif %}
