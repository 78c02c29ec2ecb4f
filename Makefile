# ficsync: `make help` lists what there is. Needs Rust, a C compiler and make.

prefix  ?= /usr/local
DESTDIR ?=
CARGO   ?= cargo

bindir   = $(DESTDIR)$(prefix)/bin
mandir   = $(DESTDIR)$(prefix)/share/man/man1
docdir   = $(DESTDIR)$(prefix)/share/doc/ficsync
# Units name /usr/bin/ficsync: packages install with prefix=/usr; elsewhere the path is put in.
unitdir  = $(DESTDIR)$(prefix)/lib/systemd/system
usersdir = $(DESTDIR)$(prefix)/lib/sysusers.d
tmpdir   = $(DESTDIR)$(prefix)/lib/tmpfiles.d
bashdir  = $(DESTDIR)$(prefix)/share/bash-completion/completions
zshdir   = $(DESTDIR)$(prefix)/share/zsh/site-functions
fishdir  = $(DESTDIR)$(prefix)/share/fish/vendor_completions.d
target   = $(or $(CARGO_TARGET_DIR),target)
# A broken /etc/ficsync/config.toml must not keep anybody from installing.
built    = FICSYNC_CONFIG=/dev/null $(target)/release/ficsync

.DEFAULT_GOAL := help
.PHONY: help demo test check bench schema build install uninstall clean

help: ## List what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## Try it: mirror an imitation of the service, change records there, query them
	@CARGO='$(CARGO)' sh scripts/demo.sh

test: ## Run all tests
	$(CARGO) test --workspace

check: ## What CI runs: format, lints, documentation, tests (they also check sql/schema.sql and README.md)
	@echo '== format =='
	$(CARGO) fmt --all --check
	@echo '== lints =='
	$(CARGO) clippy --all-targets --workspace -- -D warnings
	@echo '== documentation =='
	RUSTDOCFLAGS=-Dwarnings $(CARGO) doc --no-deps --workspace
	@echo '== tests =='
	@$(MAKE) --no-print-directory test

bench: ## Measure a sync of 20,000 invoices, and the intake of webhooks, beside what they cannot be faster than
	$(CARGO) build --release --example sandbox
	$(CARGO) bench --bench sync --bench intake

schema: ## Write sql/schema.sql anew, after a change in sql/migrations or sql/views
	$(CARGO) run --quiet --example schema > sql/schema.sql.new
	mv sql/schema.sql.new sql/schema.sql

build: ## Build the program for `make install`
	$(CARGO) build --release --locked --bin ficsync

# Does not build: `sudo make install` should neither need Rust in root's path nor leave root's files in target/.
install: ## Install program, manual page, completions and cookbook (DESTDIR= and prefix= are obeyed)
	@test -x $(target)/release/ficsync || { echo 'there is nothing to install yet; run: make build' >&2; exit 1; }
	install -d $(bindir) $(mandir) $(docdir)/queries $(bashdir) $(zshdir) $(fishdir)
	install -m 755 $(target)/release/ficsync $(bindir)/ficsync
	install -m 644 README.md CHANGELOG.md LICENSE sql/schema.sql $(docdir)/
	install -m 644 sql/queries/*.sql $(docdir)/queries/
	$(built) man > $(mandir)/ficsync.1
	$(built) completions bash > $(bashdir)/ficsync
	$(built) completions zsh > $(zshdir)/_ficsync
	$(built) completions fish > $(fishdir)/ficsync.fish
	install -d $(unitdir) $(usersdir) $(tmpdir)
	for unit in systemd/*.service systemd/*.timer systemd/*.socket; do \
	    sed 's|/usr/bin/ficsync|$(prefix)/bin/ficsync|' $$unit > $(unitdir)/$$(basename $$unit); \
	    chmod 644 $(unitdir)/$$(basename $$unit); \
	done
	install -m 644 systemd/ficsync.sysusers $(usersdir)/ficsync.conf
	install -m 644 systemd/ficsync.tmpfiles $(tmpdir)/ficsync.conf
	chmod 644 $(mandir)/ficsync.1 $(bashdir)/ficsync $(zshdir)/_ficsync $(fishdir)/ficsync.fish

uninstall: ## Remove what `make install` installed; databases and credentials stay
	rm -f $(bindir)/ficsync $(mandir)/ficsync.1 $(bashdir)/ficsync $(zshdir)/_ficsync $(fishdir)/ficsync.fish
	rm -f $(unitdir)/ficsync-sync.service $(unitdir)/ficsync-sync.timer
	rm -f $(unitdir)/ficsync-webhook.service $(unitdir)/ficsync-webhook.socket
	rm -f $(usersdir)/ficsync.conf $(tmpdir)/ficsync.conf
	rm -rf $(docdir)

clean: ## Remove what was built
	$(CARGO) clean
