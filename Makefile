# The commands of the project. `make` alone prints them.
# What each target promises is in the README and in docs/developers.md.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c

# Tools that `.ci/setup` installs stay inside the checkout. A toolchain that
# rustup has just installed is found even before the shell is started anew.
export PATH := $(CURDIR)/target/tools/bin:$(PATH):$(HOME)/.cargo/bin
# The programs are started from here, wherever the caller keeps other builds.
export CARGO_TARGET_DIR := $(CURDIR)/target
# cargo deny judges what is built here: with one target it needs no crates that
# only other platforms have, so that a machine that can build can also check.
DENY = cargo deny --workspace --log-level error --target "$$(rustc -vV | sed -n 's/^host: //p')"

.PHONY: help demo test acceptance bench soak fuzz audit package

help:
	@echo 'make demo        three institutions on this machine, with real content, until Ctrl-C'
	@echo 'make test        every check and every test'
	@echo 'make acceptance  the tests over the shared data (COMMUN_SHARED, default ../shared)'
	@echo 'make bench       the benchmarks; a table, and target/bench/*.json'
	@echo 'make audit       known holes in what we depend on (needs the network)'
	@echo 'make soak, make fuzz, make package: not built yet'

demo:
	.ci/setup build
	cargo build --workspace --locked
	exec target/debug/commun demo

# The quick checks come first, so that a missing comma does not cost ten
# minutes; the tests come last, so that their summary is what one reads.
test:
	.ci/setup test
	cargo fmt --check
	.ci/check-layers
	.ci/check-docs
	$(DENY) --offline check bans licenses sources
	python3 specs/check.py
	cargo clippy --workspace --all-targets --locked -- -D warnings
	cargo build --workspace --locked
	cargo test --workspace --locked --no-fail-fast

acceptance:
	.ci/acceptance

bench:
	.ci/setup bench
	cargo build --workspace --release --locked --bins --example plain --example million --example relevance --example stream
	COMMUN_SHARED="$${COMMUN_SHARED:-../shared}" target/release/commun-testnet bench

audit:
	.ci/setup test
	$(DENY) check advisories

# Exit code 6 is "not built yet" everywhere in Commun (make itself reports 2).
soak fuzz package:
	@echo 'make $@: not built yet' >&2
	@exit 6
