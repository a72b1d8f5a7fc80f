# Genkan. `make demo` to see it, `make check` while you work, `make test` to check everything.
SHELL := /bin/bash
CARGO ?= cargo
STEP = @.ci/step
# How the image's programs are compiled: dev, or release as a town hall gets them (a quarter of an hour more).
PROFILE ?= dev
# How `make bench` compiles what it measures.
BENCH_PROFILE ?= release
BUILT = target/$(if $(filter dev,$(PROFILE)),debug,$(PROFILE))

# Packages without I/O, and the tests that read the repository: they need Rust and nothing else.
PURE = -p guidance -p application -p kiosk-api -p session -p tidy

.PHONY: help advisories api-fuzz openapi service setup build demo console visit visits image image-lock image-test image-bench check test soak window-smoke lint doc bench deny fuzz lock pictures

help:            ## what can be made
	@grep -hE '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

setup:           ## install what is needed (Debian packages, browser driver, postal codes); once
	$(STEP) setup .ci/setup

build: setup     ## all programs, dev profile
	$(STEP) build $(CARGO) build --locked --workspace --bins

demo:            ## everything, running, until Ctrl-C: kiosk screen, console, printed paper
	@CARGO=$(CARGO) .ci/demo

console: setup   ## the town hall's console alone, until Ctrl-C
	$(STEP) build $(CARGO) build --locked --workspace --bin cloud-api --bin demo-town
	node tests/system/console.mjs

visit: build     ## one 転入 visit played by itself; pictures and papers in target/visit/
	node tests/system/visit.mjs

image: setup     ## the image that a kiosk boots: disk, update bundle, bill of materials, in target/image
	@firmware-image/setup
	$(CARGO) build --locked --profile $(PROFILE) -p kiosk --no-default-features --features kms --bin kiosk
	mkdir -p target/image/programs && cp $(BUILT)/kiosk target/image/programs/
	$(CARGO) build --locked --workspace --bin firmware-image --bin kiosk-health
	cp target/debug/kiosk-health target/image/programs/
	[ -f target/image/keys/loader.pgp ] || target/debug/firmware-image keys dev
	target/debug/firmware-image build

image-lock: setup ## firmware-image/packages.lock: Debian's present packages, with versions and checksums; `make image` takes no others
	@firmware-image/setup
	$(CARGO) build --locked --workspace --bin firmware-image
	target/debug/firmware-image lock

service: setup   ## cloud-api as a town hall gets it: program, bill of materials, provenance, in target/service
	$(CARGO) build --locked --release -p cloud-api --bin cloud-api
	$(CARGO) build --locked --workspace --bin firmware-image
	target/debug/firmware-image service target/release/cloud-api

image-test: image ## the image in QEMU: starts, a whole visit, damage, faults, strangers, updates; half an hour; pictures and logs in target/image
	target/debug/firmware-image build --version 9.0.0 --out target/image/next
	$(MAKE) build
	$(CARGO) test --locked --workspace --test vm -- --ignored --skip measured --skip smoke --test-threads=1
	node tests/system/image-visit.mjs

image-bench: image ## the image beside a Debian image with cage and Chromium: start, memory, size, as lines of JSON
	target/debug/firmware-image build --recipe firmware-image/peer --out target/image/peer
	@$(MAKE) build >&2
	@$(CARGO) test --locked --workspace --test vm -- --ignored --nocapture measured | tee target/image/bench.log >&2
	@grep '^{' target/image/bench.log

check:           ## format, clippy and tests of what is pure; needs Rust and nothing else, a minute
	$(STEP) format $(CARGO) fmt --all --check
	$(STEP) clippy $(CARGO) clippy --locked $(PURE) --all-targets -- -D warnings
	$(STEP) tests $(CARGO) test --locked $(PURE) --lib --tests

lint: setup      ## format and clippy
	$(STEP) format $(CARGO) fmt --all --check
	$(STEP) clippy $(CARGO) clippy --locked --workspace --all-targets -- -D warnings

test: setup lint ## every test, the browser visits on real parts last
	$(STEP) deny .ci/advisories check
	$(STEP) tests $(CARGO) test --locked --workspace --lib --bins --tests
	$(STEP) bench-smoke $(CARGO) bench --locked --workspace --bench figures --profile dev -- --smoke
	$(STEP) image-setup firmware-image/setup
	$(STEP) image-smoke $(CARGO) test --locked --workspace --test vm -- --ignored smoke
	$(STEP) browser npm --prefix tests/system test
	$(STEP) api-fuzz env EXAMPLES=5 node tests/system/api-fuzz.mjs

soak: setup      ## what `test` does in small, for long: power cuts, a register of a million residents
	GENKAN_POWER_CUTS=$${GENKAN_POWER_CUTS:-2000} $(CARGO) test --locked --workspace --test power_cut -- --nocapture
	GENKAN_REGISTER_ROWS=$${GENKAN_REGISTER_ROWS:-1000000} $(CARGO) test --locked --workspace --test cloud many_rows

window-smoke: build ## the kiosk in a real window on a virtual display (needs xvfb, imagemagick); picture in target/
	$(CARGO) build --locked --workspace --bins --features kiosk/winit
	kiosk/app/scripts/window-smoke.sh target/debug/kiosk target/debug/demo-town target/window-smoke.png

api-fuzz: build  ## every endpoint of the OpenAPI document, by schemathesis (EXAMPLES): no 5xx, no undocumented answer
	node tests/system/api-fuzz.mjs

openapi:         ## cloud-api/openapi.json, generated from the code
	$(CARGO) build --locked --workspace --bin cloud-api
	target/debug/cloud-api openapi > cloud-api/openapi.json

doc:             ## the crates' documentation, without a warning, and its examples
	RUSTDOCFLAGS=-Dwarnings $(CARGO) doc --locked --workspace --no-deps
	$(CARGO) test --locked --workspace --doc

visits: build    ## the browser visits on real parts alone
	cd tests/system && npm test

pictures: build  ## the pictures of README.md, made by the program
	node tests/system/pictures.mjs

bench:           ## every figure beside its peer's, as lines of JSON, of programs as a town hall gets them; a few minutes once compiled
	@.ci/setup >&2
	@tests/benches/figures/peers/setup >&2
	@$(CARGO) build --locked --workspace --bins --profile $(BENCH_PROFILE)
	@$(CARGO) bench --locked --workspace --bench figures --profile $(BENCH_PROFILE)

deny: setup      ## known vulnerabilities, licences, bans and sources of every dependency (deny.toml)
	@.ci/advisories check

advisories:      ## advisories/ written again from RustSec's database, or from a clone of it (FROM)
	@.ci/advisories refresh $(FROM)

lock:            ## requirements.txt written again with the newest that requirements.in allows
	@.ci/lock

fuzz:            ## every parser of foreign bytes, a short while each (SECONDS_EACH); needs nightly Rust
	@tests/fuzz/run
