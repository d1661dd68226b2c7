SHELL := /bin/bash
PORT ?= 8000
PYTHON := .venv/bin/python
MANAGE := $(PYTHON) manage.py
# What WeasyPrint needs to set Chinese text.
PDF_PACKAGES := fonts-noto-cjk libharfbuzz-subset0 libpango-1.0-0 libpangoft2-1.0-0

# Where the folder came out of `make archive`, its packages lie in it, and no network is asked.
INSTALL := .venv/bin/pip install -q --require-hashes $(if $(wildcard .wheels),--no-index --find-links .wheels)
# What builds and runs the images, and the machine on which tests start the units.
CONTAINER_PACKAGES := aardvark-dns crun curl iptables mmdebstrap netavark podman podman-compose

.PHONY: run demo service units image compose upgrade archive from-git at-home test night pictures test-summary lint mutate bench load requirements update advisories

run: at-home .venv/portal .front/installed .env
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
demo: at-home .venv/tests .front/installed .env
	.ci/system $(PDF_PACKAGES)
	$(PYTHON) -m tests.demo

# Leaves the folder ready to serve, and says what only the operator knows and has not said yet.
service: .venv/portal .static/collected .env.service
	.ci/system $(PDF_PACKAGES)
	$(MANAGE) service

# After the new version was checked out or unpacked over this one, with the site stopped.
upgrade: .venv/portal .static/collected
	.ci/system $(PDF_PACKAGES)
	$(MANAGE) upgrade $(BACKUP) $(UPGRADE)

# Everything that `make service` needs on a machine without a network, but Debian's packages.
archive: from-git .venv/portal .front/installed
	.service/archive

from-git:
	@test "$$(git rev-parse --show-toplevel 2>/dev/null)" = "$(CURDIR)" || { echo "make archive 打包的是一次提交，要在 git 检出的文件夹里、装有 git 的机器上运行；这个文件夹不是（或者属于另一个用户，git 不读）。" >&2; exit 1; }

# Development says DEBUG=1, and would open the database of the service with it.
at-home:
	@test ! -e .env.service || { echo "这个文件夹在正式运行（有 .env.service）：开发和演示请另外克隆一份。" >&2; exit 1; }

test: .venv/tests .static/collected
	.ci/system $(PDF_PACKAGES) chromium libatomic1 poppler-utils postgresql
	.ci/test day

# What is long by nature: processes killed at the worst moment, many rows, and properties on many
# more examples than `make test` tries.
night: .venv/tests .static/collected
	.ci/system $(PDF_PACKAGES) chromium firefox-esr libatomic1 poppler-utils postgresql $(CONTAINER_PACKAGES)
	.ci/test night
	EXAMPLES_TIMES=20 .venv/bin/python -m pytest -q -n 2 tests/policies/rules/test_properties.py \
		tests/policies/rules/test_columns.py

# Every page of the walks in a browser, at a desk's width and a telephone's, in .screenshots.
pictures: .venv/tests .static/collected
	.ci/system $(PDF_PACKAGES) chromium libatomic1 poppler-utils postgresql
	PICTURES=1 .ci/with_postgres .venv/bin/python -m pytest -q -n 2 --dist loadfile -m "not night" tests/browser

# As root: install what systemd starts, for this folder, its user, and what that may write.
units:
	getent passwd portal >/dev/null || useradd --system --user-group --no-create-home --home-dir $(CURDIR) --shell /usr/sbin/nologin portal
	install -d -m 700 .data
	chown -R portal: .data .env.service
	chgrp -R portal .venv .static && chmod -R g+rX .venv .static
	@runuser -u portal -- .venv/bin/python -c pass || { echo "用户 portal 用不了 .venv 里的 Python（$$(readlink -f .venv/bin/python)）：删掉 .venv，用 /usr/bin/python3 再运行 make service（PATH=/usr/bin:/bin make service）。" >&2; exit 1; }
	cd .service/systemd && find * -type f | while read unit; do install -d "/etc/systemd/system/$$(dirname $$unit)" \
		&& sed 's#/opt/portal#$(CURDIR)#g' "$$unit" > "/etc/systemd/system/$$unit"; done
	systemctl daemon-reload
	@echo "装好了：systemctl enable --now portal.target 启动，systemctl status 'portal-*' 查看。"

# What .service/compose.yaml runs; `.service/image` says how.
image: .front/installed
	PDF_PACKAGES="$(PDF_PACKAGES)" DOMAIN="$(DOMAIN)" .service/image

# Start it, fill an empty database, and wait until all is healthy.
compose: .env.service
	.service/up

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

# Whether tests notice small faults; MUTANTS, SEED and JOBS set how many, which and how many at a time,
# AREA which of rules, money and cases (as in AREA="money cases"), SURVIVORS=1 takes those that no test
# noticed last time. Kept in .mutation/, which may be removed.
mutate: .venv/tests .front/installed
	.ci/system $(PDF_PACKAGES) poppler-utils
	$(PYTHON) -m tests.mutation

bench: .venv/tests .front/installed .venv-bench/installed
	$(PYTHON) -m tests.bench
	SECRET_KEY=for-the-bench-only .venv-bench/bin/python -m tests.bench.columns

# Ten minutes on a machine that does nothing else; as root it fills a small disk too.
load: .venv/tests .static/collected
	.ci/system $(PDF_PACKAGES) postgresql
	$(PYTHON) -m tests.load

# A stamp is written last, so that an interrupted installation is done again.
.venv/made:
	.ci/system python3-venv
	python3 -m venv --clear .venv
	touch $@

.venv/portal: .requirements/portal.txt | .venv/made
	$(INSTALL) -r $<
	touch $@

.venv/tests: .requirements/tests.txt | .venv/made
	@test ! -e .wheels || { echo "这个文件夹来自 make archive，只有运行网站要的软件包，没有测试和开发要的：请在能上网的机器上用 git 检出一份。" >&2; exit 1; }
	$(INSTALL) -r $<
	touch $@ .venv/portal

# What columns are measured against, beside what the tests have and nowhere else.
.venv-bench/installed: .requirements/bench.txt .venv/tests
	.ci/system python3-venv
	python3 -m venv --clear .venv-bench
	.venv-bench/bin/pip install -q --require-hashes -r $<
	cd .venv/lib/python3.*/site-packages && pwd > "$$(echo $(CURDIR)/.venv-bench/lib/python3.*/site-packages)/tests.pth"
	touch $@

# A machine without npm gets one for this only.
NPM_AT_HAND := command -v npm >/dev/null || { python3 -m venv --clear .front/node \
	&& .front/node/bin/pip install -q --require-hashes -r .requirements/node.txt; }
WITH_NPM := PATH="$$PATH:$(CURDIR)/.front/node/bin"

.front/installed: .front/package-lock.json | .venv/made
	$(NPM_AT_HAND)
	cd .front && $(WITH_NPM) npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	rm -rf .front/node
	touch $@

STATIC := $(shell find portal policies applications -path '*/static/*' -type f)
.static/collected: .front/installed .venv/portal $(STATIC)
	SECRET_KEY=for-collecting-only DEBUG=0 ENV_FILE=/dev/null $(MANAGE) collectstatic --no-input
	touch $@

# Never written again: the key stays, and what the operator filled in.
.env.service: | .venv/portal
	umask 077 && key="$$($(PYTHON) -c 'import secrets; print(secrets.token_urlsafe(50))')" \
		&& sed "s/^SECRET_KEY=$$/&$$key/" .env.example > .env.service.part && mv .env.service.part $@

.env: | .venv/portal
	umask 077 && printf 'DEBUG=1\nSECRET_KEY=%s\n' \
		"$$($(PYTHON) -c 'import secrets; print(secrets.token_urlsafe(50))')" > .env.part && mv .env.part .env

# Pin again after a change of .requirements/*.in.
requirements: .venv/tests
	.venv/bin/pip install -q uv
	cd .requirements && for name in portal tests node bench; do ../.venv/bin/uv pip compile -q --generate-hashes \
		$(UPGRADE) --no-header --no-emit-index-url --python-version 3.11 $$name.in -o $$name.txt; done

# Pin the newest versions of everything (for the browser below the next major one, which asks for work
# of people), install them, and tell them in the README. Then: make test night.
update: .venv/tests
	$(MAKE) requirements UPGRADE=--upgrade
	$(NPM_AT_HAND)
	cd .front && $(WITH_NPM) npm install --save-exact --package-lock-only \
		--omit-lockfile-registry-resolved --ignore-scripts --no-audit --no-fund --loglevel=error \
		$$(../.venv/bin/python -c "import json; print(*(f'{name}@^{at}' for name, at in json.load(open('package.json'))['dependencies'].items()))")
	$(MAKE) .venv/tests
	$(WITH_NPM) $(PYTHON) -m tests.dependencies.table
	$(MAKE) .front/installed

# Check all that is pinned against known faults; where the list comes from, README.en.md says.
ADVISORIES ?= .advisories
advisories: .venv/tests
	$(PYTHON) -m tests.dependencies.advisories $(ADVISORIES)
