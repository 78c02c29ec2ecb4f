# ficsync: `make help` lists what there is. Needs Rust, a C compiler and make.

prefix  ?= /usr/local
DESTDIR ?=
CARGO   ?= cargo

bindir   = $(DESTDIR)$(prefix)/bin
mandir   = $(DESTDIR)$(prefix)/share/man
libdir   = $(DESTDIR)$(prefix)/lib/ficsync
docdir   = $(DESTDIR)$(prefix)/share/doc/ficsync
sharedir = $(DESTDIR)$(prefix)/share/ficsync
sysconfdir ?= /etc
etcdir   = $(DESTDIR)$(sysconfdir)/ficsync
# Units name /usr/bin/ficsync and /usr/lib/ficsync: packages install with prefix=/usr; elsewhere the paths are put in.
unitdir ?= $(prefix)/lib/systemd/system
unitsto  = $(DESTDIR)$(unitdir)
usersdir = $(DESTDIR)$(prefix)/lib/sysusers.d
tmpdir   = $(DESTDIR)$(prefix)/lib/tmpfiles.d
bashdir  = $(DESTDIR)$(prefix)/share/bash-completion/completions
zshdir   = $(DESTDIR)$(prefix)/share/zsh/site-functions
fishdir  = $(DESTDIR)$(prefix)/share/fish/vendor_completions.d
target   = $(or $(CARGO_TARGET_DIR),target)
# Manual pages and completions, made from the command line's own description.
pages    = $(target)/pages
# The part of a unit's text that names the program.
paths    = s|/usr/bin/ficsync|$(prefix)/bin/ficsync|; s|/usr/lib/ficsync|$(prefix)/lib/ficsync|
units    = $(wildcard systemd/*.service systemd/*.timer systemd/*.socket)

.DEFAULT_GOAL := help
.PHONY: help demo test test-full check bench schema queries build install uninstall deb static test-system clean

help: ## List what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## Try it: mirror an imitation of the service, change records there, see them come, query them
	@CARGO='$(CARGO)' sh scripts/demo.sh

test: ## Run all tests
	$(CARGO) test --workspace

test-full: ## The listener's tests at full size, one at a time, with their figures: five minutes of a quiet machine
	FICSYNC_TEST_FULL=1 $(CARGO) test --test e2e -- --test-threads 1 --nocapture \
	    intake_load durability realtime endless an_import_of_thousands

check: ## What CI runs: format, lints, documentation, tests (they also check sql/schema.sql and README.md)
	@echo '== format =='
	$(CARGO) fmt --all --check
	@echo '== lints =='
	$(CARGO) clippy --all-targets --workspace -- -D warnings
	@echo '== documentation =='
	RUSTDOCFLAGS=-Dwarnings $(CARGO) doc --no-deps --workspace
	@echo '== tests =='
	@$(MAKE) --no-print-directory test

bench: ## Measure a sync of 20,000 invoices, runs over many companies, and the intake of webhooks, beside what they cannot beat
	$(CARGO) build --release --example sandbox
	$(CARGO) bench --bench sync --bench companies --bench intake

schema: ## Write sql/schema.sql anew, after a change in sql/migrations or sql/views
	$(CARGO) run --quiet --example schema > sql/schema.sql.new
	mv sql/schema.sql.new sql/schema.sql

queries: ## Write docs/queries.md anew, after a change in sql/queries
	FICSYNC_WRITE_PAGES=1 $(CARGO) test --quiet --test answers the_page_is_fresh

build: ## Build the program, its manual pages and completions for `make install`
	$(CARGO) build --release --locked --bin ficsync --example pages
	rm -rf $(pages)
	$(target)/release/examples/pages $(pages)

# Does not build: `sudo make install` should neither need Rust in root's path nor leave root's files in target/.
install: ## Install program, units, manual pages, completions, cookbook (DESTDIR=, prefix=, sysconfdir=, unitdir=)
	@test -x $(target)/release/ficsync && test -f $(pages)/ficsync.1 || \
	    { echo 'there is nothing to install yet; run: make build' >&2; exit 1; }
	install -d $(bindir) $(libdir) $(mandir)/man1 $(mandir)/man7 $(sharedir)/queries $(docdir)/examples
	install -d $(bashdir) $(zshdir) $(fishdir) $(unitsto) $(usersdir) $(tmpdir) $(etcdir)
	install -m 755 $(target)/release/ficsync $(bindir)/ficsync
	install -m 755 systemd/failure $(libdir)/failure
	install -m 644 $(pages)/*.1 $(mandir)/man1/
	install -m 644 man/ficsync.7 $(mandir)/man7/
	install -m 644 $(pages)/ficsync.bash $(bashdir)/ficsync
	install -m 644 $(pages)/_ficsync $(zshdir)/_ficsync
	install -m 644 $(pages)/ficsync.fish $(fishdir)/ficsync.fish
	install -m 644 README.md README.it.md CHANGELOG.md SECURITY.md LICENSE sql/schema.sql docs/*.md $(docdir)/
	install -m 644 sql/queries/*.sql $(sharedir)/queries/
	install -m 644 contrib/nginx.conf contrib/apache.conf contrib/Caddyfile contrib/config.toml $(docdir)/examples/
	for unit in $(units); do \
	    sed '$(paths)' $$unit > $(unitsto)/$${unit##*/} && chmod 644 $(unitsto)/$${unit##*/} || exit 1; \
	done
	install -m 644 systemd/ficsync.sysusers $(usersdir)/ficsync.conf
	install -m 644 systemd/ficsync.tmpfiles $(tmpdir)/ficsync.conf
# Settings that are there are the administrator's.
	test -e $(etcdir)/config.toml || install -m 644 contrib/config.toml $(etcdir)/config.toml

uninstall: ## Remove what `make install` installed; settings, databases and credentials stay
	rm -f $(bindir)/ficsync $(mandir)/man7/ficsync.7 $(mandir)/man1/ficsync.1 $(mandir)/man1/ficsync-*.1
	rm -f $(bashdir)/ficsync $(zshdir)/_ficsync $(fishdir)/ficsync.fish
	rm -f $(addprefix $(unitsto)/,$(notdir $(units))) $(usersdir)/ficsync.conf $(tmpdir)/ficsync.conf
	rm -rf $(docdir) $(sharedir) $(libdir)

deb: build ## Build a Debian package into target/debian (needs cargo-deb: cargo install cargo-deb --locked)
	@$(CARGO) deb --version >/dev/null 2>&1 || \
	    { echo 'cargo-deb is missing; run: cargo install cargo-deb --locked' >&2; exit 1; }
	$(CARGO) deb --no-build --locked

static: ## Build a program that needs no libc of the host (needs the target x86_64-unknown-linux-musl and musl-gcc)
	@rustc --print target-libdir --target x86_64-unknown-linux-musl | xargs test -d || \
	    { echo 'the target is missing; run: rustup target add x86_64-unknown-linux-musl' >&2; exit 1; }
	$(CARGO) build --release --locked --bin ficsync --target x86_64-unknown-linux-musl

test-system: ## As root: install the package into a booted Debian (systemd-nspawn) and live through its life there
	@test -n "$$(ls $(target)/debian/ficsync_*.deb 2>/dev/null)" || { echo 'first run: make deb' >&2; exit 1; }
	$(CARGO) build --example sandbox
	sh scripts/test-system.sh $$(ls -t $(target)/debian/ficsync_*.deb | head -n 1) $(target)/debug/examples/sandbox

clean: ## Remove what was built
	$(CARGO) clean
