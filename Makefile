# All commands of the house. Go and make must be there beforehand; the rest is `make deps`.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:

# CI=true: a test whose outside component is missing fails instead of being skipped.
export CI ?=
# Nothing here needs cgo but the race detector: with one way of building, everything but the race detector's is compiled once.
export CGO_ENABLED := 0

# chromium: reads the local page as people do. gcc and libc6-dev: race detector. git: tree check. qemu-system-arm: boots the image.
# qemu-user-static: runs ARM tests. samba, samba-vfs-modules: the Windows share of the tests (smbd, started
# by them) and its previous versions. smbclient: a station at work on that share. strace: what a database writes, for
# the power cuts. dosfstools, e2fsprogs, mtools: the image's file systems, without root. exfatprogs: USB sticks of the
# tests. u-boot-qemu: the boot loader of the virtual machine. u-boot-tools: mkimage, which the boot script's wrapper is
# held against. mosquitto: the broker of the tests (started by them). openssl: the certificates of the brokers' guide.
# opensc, softhsm2: a PKCS #11 token in software, in which a key of support lies.
PACKAGES := chromium dosfstools e2fsprogs exfatprogs gcc git libc6-dev mtools qemu-system-arm qemu-user-static samba \
  samba-vfs-modules mosquitto opensc openssl smbclient softhsm2 strace u-boot-qemu u-boot-tools

# Packages without files, sockets or clocks: cheap enough to test under ARM emulation.
PURE := ./connectors/record ./sync/plan ./sync/mapping

# What runs on a box, and what tries that out; the rest runs on larger machines only.
BOX = $$(go list -deps ./firmware/cmd/syncbox | grep '^syncbox/') ./connectors/... ./ota/... ./sync/sim/... \
  ./firmware/internal/fleet ./firmware/internal/support/takeover ./image/cmd/otabench
# No goroutine, no lock, nowhere in what they use of ours (a test holds that): nothing for the race detector.
ALONE := ./connectors ./connectors/bob50/dbf ./connectors/pairs ./connectors/record ./firmware/internal/durable \
  ./firmware/internal/requirements ./firmware/internal/support/reconnect ./firmware/internal/support/storm ./firmware/internal/support/wire \
  ./firmware/internal/tally ./firmware/internal/usage ./firmware/internal/web/owncert ./image/cmd/image ./image/debian ./image/disk ./image/initramfs \
  ./image/kernel ./image/manifest ./ota/bootstate ./ota/bundle ./ota/delta ./ota/floors ./ota/internal/sealed ./ota/order ./ota/slot ./sync/mapping \
  ./sync/plan ./sync/schedule ./sync/sim/product

# What drives a browser: sixty packages to compile, on machines with a browser only.
CHROMIUM := ./firmware/internal/web/browsertest ./firmware/cmd/page
# The packages with tests that boot the image, as paths.
MACHINES = $$(grep -rl --include='*_test.go' '^func TestQEMU' firmware image | xargs dirname | sort -u | sed 's,^,./,')
# $(call but,PACKAGES): all packages but those.
but = $$(go list ./... | grep -vxF "$$(go list $(1))")
# Of those, the ones that there is something to build of.
built = $$(go list -f '{{if .GoFiles}}{{.ImportPath}}{{end}}' ./... | grep -vxF "$$(go list $(1))")

# $(call record,FLAGS AND PACKAGES,NAME): go test with its results kept in build/test/NAME.json. What go test has of vet, `make lint` has done.
record = go test -json -vet=off $(1) | go run ./firmware/internal/tally -record build/test/$(2).json
# More packages and tests at a time than there are processors: many wait, for a clock or for a program of others.
WIDE := -p 2 -parallel 4
# Tests with a target of their own are no part of the others.
OWN := TestQEMU|TestKillLoop|TestBrowser
OTHERS := -skip '^($(OWN))'
# Nor of the race detector's, what tries very many cases one after the other, or how much memory is used: under the detector that takes many
# times as long, and what goroutines share there, the other tests of the same packages show it. They run as 386, where what draws cases at
# random draws five times as many (-short).
CASES := TestPowerCut|TestCut$$|TestNoticed|TestAttack|TestBroken(Deltas|Lists|Metadata)$$|TestMalformed|TestEvery(Conflict|Field|Stand|AnswerLost|MutantApplies)$$|TestThreeFields$$|TestNothingIsLost|TestNothingIsCreatedBeforeAllIsMatched$$|TestNothingGoesStale$$|TestOverlay|TestDamageIsFound$$|TestWorldsShowAll$$|TestEverywhere$$|TestDeterminism$$|TestSameCut$$|TestWeeks$$|TestSameYears$$|TestHistor(y|ies)$$|TestShutAnywhere$$|TestCutAnywhere$$|TestHundredThousand$$|TestPublishMany$$|TestKeyFiles$$|TestForeign$$|TestBadLine$$
SIZES := TestLookInMemory$$|TestInstallMemory$$|TestLarge$$|TestLargeFile$$|TestLogIsBounded$$
OTHERSRACE := -skip '^($(OWN)|$(CASES)|$(SIZES))'
# Nor of the run as 386, what the width of an int does not matter to: brokers are programs of others.
OTHERS386 := -skip '^($(OWN)|TestMosquitto|TestNATS)'
FUZZTIME ?= 10s
SEEDS ?= 20000
# Of the worlds in which the engine with one protection removed is looked at, one in so many where nothing is to be killed.
SHARE ?= 1
POWERCUTS ?= 40
CUTS ?= 20000
SEED ?= 1
# Of the box's figures: starts of which the median counts, customers of the company that its memory is measured with.
BOOTS ?= 5
LARGE ?= 100000
# Of the board that is tried out: the serial adapter at this machine, and the language of the questions.
PORT ?=
BOXLANG ?= fr-CA
# Of the image: what it calls itself, the signed root whose updates it takes, and the size of its data partition.
VERSION ?= unreleased
ROOT ?=
DATA_MIB ?= 256

.PHONY: help deps check lint unit race builds arch qemu-tests kill browser screens test demo demo-bob50 demo-quickbooks demo-sage50 demo-sagex3 qemu page board-test bench bench-box bench-peers ota-bench powercut sim mutants sim-decade storm takeover fuzz requirements image-kernel image tree clean

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

deps: ## install the Debian packages that are missing (root or sudo), and axe-core of the browser tests into build/browser
	@missing=; for p in $(PACKAGES); do \
	  dpkg-query -W -f '$${db:Status-Abbrev}' $$p 2>/dev/null | grep -q '^ii' || missing="$$missing $$p"; \
	done; \
	if [ -z "$$missing" ]; then echo "nothing to install: $(PACKAGES)"; exit 0; fi; \
	echo "installing:$$missing"; \
	sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; \
	$$sudo apt-get update -q; \
	$$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $$missing
	@bash firmware/internal/web/browsertest/install.sh build/browser >&2 || echo "axe-core could not be installed: the browser tests need it" >&2

check: lint unit ## gofmt, vet, staticcheck, unit tests: before each commit

lint: ## gofmt, vet, staticcheck
	@unformatted=$$(gofmt -l .); [ -z "$$unformatted" ] || { echo "gofmt needed: $$unformatted"; exit 1; }
	go vet ./...
	go tool staticcheck ./...

unit: ## unit tests on this machine
	go test -count=1 ./firmware
	go test $(OTHERS) ./...

# A program with the race detector in it waits a second at its end, for what other threads still have to say: boxctl ends hundreds of times.
race: export GORACE := atexit_sleep_ms=50 $(GORACE)
race: ## unit tests under the race detector
	@CGO_ENABLED=1 $(call record,-race -short $(WIDE) -timeout 30m $(OTHERSRACE) $(call but,$(ALONE) $(CHROMIUM)),race)

# For the boards everything is compiled as for the image (-trimpath), once.
builds: ## builds without cgo, for this kind of machine and for the boards
	@echo "build linux/amd64"; GOARCH=amd64 go build -ldflags="-s -w" -o /dev/null ./...
	@for a in arm64 arm; do echo "build linux/$$a"; \
	  GOARCH=$$a GOARM=7 go build -trimpath -ldflags="-s -w" -o /dev/null $(call built,$(CHROMIUM)); \
	done

# Under emulation, what tries very many cases tries a share of them (-short): there it is the processor that is tried.
arch: $(if $(BUILT),,builds) ## builds without cgo for the boards; unit tests of what is on a box as 386, of pure packages under ARM emulation
	@GOARCH=386 $(call record,$(WIDE) -timeout 30m $(OTHERS386) $(BOX) $(ALONE),386)
	@GOARCH=arm64 $(call record,-trimpath -short -timeout 15m -exec qemu-aarch64-static $(PURE),arm64)
	@GOARCH=arm GOARM=7 $(call record,-trimpath -short -timeout 15m -exec qemu-arm-static $(PURE),arm)

qemu-tests: ## tests that boot the image
	@$(call record,-run '^TestQEMU' -timeout 45m -parallel 4 $(MACHINES),qemu)

kill: ## kill the real program 200 times while people work; ends with kills=N ... duplicates=0 lost=0 journal_gaps=0
	@$(call record,-count=1 -run '^TestKillLoop$$' -timeout 20m ./firmware/internal/app,kill)
	@grep -ho 'kills=[0-9][^\\"]*' build/test/kill.json

test: export CI := true
# What computes, then the machines of QEMU and the browsers; the killed box and the demos, which mostly wait, go beside them. Both rows at once would have
# disks answer after seconds, and tests of files have limits. What the row aside prints comes when it has ended. What all rows compile is compiled before.
FIGURES := lint race arch sim mutants requirements
BOXES := qemu-tests browser qemu page
PEOPLE := kill demo demo-bob50 demo-quickbooks demo-sage50 demo-sagex3
test: deps ## everything; ends with the line "N passed, N failed, N skipped"
	@rm -rf build/test; mkdir -p build/test; status=0; \
	$(MAKE) --no-print-directory builds || status=$$?; \
	row() { $(MAKE) --no-print-directory -k BUILT=1 CHECK=1 CUSTOMERS=500 SEEDS=2000 SHARE=5 "$$@"; }; \
	row $(PEOPLE) >build/test/people.txt 2>&1 & people=$$!; \
	row $(FIGURES) || status=$$?; \
	row $(BOXES) || status=$$?; \
	wait $$people || status=$$?; \
	cat build/test/people.txt; \
	$(MAKE) --no-print-directory tree || status=$$?; \
	go run ./firmware/internal/tally -all ./... build/test/*.json || status=$$?; \
	exit $$status

browser: ## tests that read the local page in headless Chromium; leaves its pictures in build/screens
	@$(call record,-timeout 20m -parallel 4 ./firmware/internal/web/browsertest,browser)

# Of the guides: name there=name of the browser tests' picture.
PICTURES := $(foreach p,status=status-first setup-server=setup-server waiting=waiting,$(foreach l,fr=fr-CA en=en,\
  $(firstword $(subst =, ,$(p)))-$(firstword $(subst =, ,$(l)))=guide-$(lastword $(subst =, ,$(p)))-$(lastword $(subst =, ,$(l)))-desktop))

screens: browser ## the pictures of the guides, as the browser tests take them
	@mkdir -p docs/screens; for p in $(PICTURES); do cp build/screens/$${p#*=}.png docs/screens/$${p%%=*}.png; done

demo: ## a box, a company, a CRM and a broker of support on this machine (PAIR=acomba-centrixone; CHECK=1: without a person, checks itself)
	go run ./firmware/cmd/demo $(if $(PAIR),-pair $(PAIR)) $(if $(CHECK),-check)

demo-bob50: ## a company of Sage BOB 50 with its backups, and a Sage CRM
	@$(MAKE) --no-print-directory demo PAIR=bob50-sagecrm

demo-quickbooks: ## the same with QuickBooks Online
	@$(MAKE) --no-print-directory demo PAIR=quickbooks-centrixone

demo-sage50: ## a dossier of Sage 50 with its exchange folder, and a Sage Sales Management
	@$(MAKE) --no-print-directory demo PAIR=sage50-salesmanagement

demo-sagex3: ## four users of Sage X3 with their mailboxes of Outlook
	@$(MAKE) --no-print-directory demo PAIR=sagex3-outlook

qemu: deps image ## boot the image in QEMU, with the demo's share and CRM; its service console is yours (CHECK=1: checks itself)
	go run ./firmware/cmd/qemu $(if $(CHECK),-check)

page: deps image ## the local page of the image in QEMU, in headless Chromium: figures, name value unit (CHECK=1: from a blank box to the first sync of CUSTOMERS (2000))
	@go run ./firmware/cmd/page $(if $(CHECK),-check) $(if $(CUSTOMERS),-customers $(CUSTOMERS))

board-test: ## try out a real board by its serial console: PORT=/dev/ttyUSB0, BOXLANG=fr-CA or en
	@go run ./firmware/cmd/boardtest -port "$(PORT)" -lang $(BOXLANG)

bench: ## figures, one per line: name value unit
	@go test -run '^$$' -bench . -benchmem ./... | awk ' \
	  /^pkg: /      { pkg = $$2; next } \
	  /^Benchmark/  { for (i = 3; i < NF; i += 2) print pkg "." $$1, $$i, $$(i+1); next } \
	  !/^(ok|PASS|goos:|goarch:|cpu:|\?)/ { print > "/dev/stderr" }'
	@$(MAKE) --no-print-directory bench-box
	@$(MAKE) --no-print-directory bench-peers

bench-box: ## start and memory of the image in QEMU, beside the bare kernel; BOOTS (5) starts, LARGE (100000) customers
	@$(MAKE) --no-print-directory deps image >&2
	@go run ./firmware/cmd/qemu -bench $(BOOTS) -large $(LARGE)

bench-peers: ## the same task for Node-RED and Telegraf, which it installs into build/peers: name value unit
	@bash sync/peers/install.sh build/peers >&2
	@CGO_ENABLED=0 go build -o build/peers/peers ./sync/peers/cmd/peers
	@build/peers/peers bench -dir build/peers

# Of ota-bench: what others make of the same images.
OTA_PEERS := bsdiff casync rauc squashfs-tools xdelta3 zchunk zstd

ota-bench: ## bytes, memory and time of updates, beside bsdiff, casync, rauc, xdelta3, zchunk and zstd, which it installs: name value unit
	@sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; \
	for p in $(OTA_PEERS); do \
	  dpkg-query -W -f '$${db:Status-Abbrev}' $$p 2>/dev/null | grep -q '^ii' || \
	  { $$sudo apt-get update -q && $$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $$p; } >&2 || \
	  echo "$$p could not be installed" >&2; \
	done
	@mkdir -p build && go build -o build/ota-bench ./image/cmd/otabench
	@build/ota-bench

powercut: ## cut the power in POWERCUTS (40) runs of the databases, at CUTS (20000) places of updates, and start BOOTS (5) of the disks of one in QEMU; SEED (1); ends with cuts=N ... bricks=0 torn=0
	@$(MAKE) --no-print-directory deps >&2
	@mkdir -p build/powercut; status=0; \
	go test -count=1 -timeout 60m -v -run '^TestPowerCut$$' ./sync/store -args -powercuts $(POWERCUTS) | grep -v '^=== ' || status=$$?; \
	go test -count=1 -timeout 12h -v -run '^TestPowerCut$$' ./ota/otatest/cuts -args -cuts $(CUTS) -every 3 -seed $(SEED) | tee build/powercut/update.txt | grep -v '^=== ' || status=$$?; \
	go test -count=1 -timeout 12h -v -run '^TestQEMUPowerCut$$' ./image/internal/powercut -args -boots $(BOOTS) -seed $(SEED) | tee build/powercut/qemu.txt | grep -v '^=== ' || status=$$?; \
	awk '/^cuts=/ { for (i = 1; i <= NF; i++) { split($$i, kv, "="); n[kv[1]] += kv[2] } } \
	  END { printf "cuts=%d distinct=%d boots=%d bricks=%d torn=%d\n", n["cuts"], n["distinct"], n["boots"], n["bricks"], n["torn"] }' build/powercut/*.txt; \
	exit $$status

sim: ## SEEDS (20000) worlds of the real engine, power cuts at every point of some, two of a few; ends with worlds=N ... failures=0
	@mkdir -p build && go build -o build/sim ./sync/sim/cmd/sim
	@build/sim -seeds $(SEEDS) -single $$(( ($(SEEDS) + 999) / 1000 )) -double $$(( ($(SEEDS) + 99999) / 100000 )) -stop 20

mutants: ## remove each protection of the engine in turn: the simulator must notice; ends with mutants=N killed=N
	@go build -o build/mutants ./sync/sim/cmd/mutants
	@build/mutants -share $(SHARE) -limit 10m

sim-decade: ## ten simulated years of one box, a pass every six minutes (some ten minutes)
	@go build -o build/decade ./sync/sim/cmd/decade
	@build/decade

storm: ## 100,000 simulated boxes lose their broker, then CLIENTS (5000) real TLS clients a real one: some six minutes
	@mkdir -p build && go build -o build/storm ./firmware/cmd/storm
	@build/storm -clients $(or $(CLIENTS),5000)

takeover: ## MONTHS (1000000) simulated months of a box whose broker somebody has taken over: some hours
	@go test -count=1 -timeout 24h -v -run '^TestHistory$$' ./firmware/internal/support/takeover -args -seeds $(or $(MONTHS),1000000)

fuzz: ## every fuzz target for FUZZTIME (10s)
	@go test -list '^Fuzz' ./... | awk '/^Fuzz/ { t[++n] = $$1 } /^ok/ { for (i = 1; i <= n; i++) print $$2, t[i]; n = 0 }' | \
	while read -r pkg target; do \
	  go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) "$$pkg" </dev/null; \
	done

requirements: ## each requirement with the tests and documents that cover it
	@go run ./firmware/internal/requirements

image-kernel: ## fetch and unpack the kernel of the image into build/
	go run ./image/cmd/kernel

image: ## build/syncbox.img for a card, with manifest, SBOM and packages; VERSION=1.2.3 ROOT=root.json: for updates; FROM=manifest: that very one again
	@go run ./image/cmd/image -version $(VERSION) -data-mib $(DATA_MIB) $(if $(ROOT),-root $(ROOT)) $(if $(FROM),-from-manifest $(FROM))

tree: ## a git checkout must be as clean as it was committed
	@if [ -e .git ]; then left=$$(git status --porcelain); \
	  [ -z "$$left" ] || { echo "not committed or left behind:"; echo "$$left"; exit 1; }; fi

clean: ## remove build/
	rm -rf build
