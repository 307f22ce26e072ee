#!/bin/bash
# install.sh DIR: Node-RED and Telegraf for the benchmark, below DIR. What is there already is left as it is; what
# is not to be had is said in a line, and the benchmark goes on without it.
set -u
mkdir -p "$1"
cd "$1" || exit 1
root=$PWD
nodered=4.1.15
telegraf=v1.37.2

node_red() {
	if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
		sudo=; [ "$(id -u)" = 0 ] || sudo=sudo
		$sudo apt-get update -q && $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends nodejs npm || return 1
	fi
	mkdir -p "$root/nodered" && cd "$root/nodered" || return 1
	grep -qs "\"version\": \"$nodered\"" node_modules/node-red/package.json && return 0
	npm install "node-red@$nodered" --prefix . --no-audit --no-fund --ignore-scripts
}

# A module of its own: nothing of Telegraf's comes near ours. Its tags leave out every plugin that is not used.
telegraf() {
	mkdir -p "$root/telegraf" && cd "$root/telegraf" || return 1
	[ -x telegraf ] && [ "$(cat version 2>/dev/null)" = "$telegraf" ] && return 0
	export GOTOOLCHAIN=local GOWORK=off CGO_ENABLED=0
	rm -f go.mod go.sum version
	go mod init telegraf && go get "github.com/influxdata/telegraf@$telegraf" &&
		go build -mod=mod -tags custom,inputs.file,outputs.http,processors.dedup,parsers.csv,serializers.json \
			-o telegraf github.com/influxdata/telegraf/cmd/telegraf && echo "$telegraf" >version
}

(node_red) >nodered.log 2>&1 || echo "Node-RED $nodered could not be installed: $(tail -n 1 nodered.log)"
(telegraf) >telegraf.log 2>&1 || echo "Telegraf $telegraf could not be installed: $(tail -n 1 telegraf.log)"
