#!/bin/bash
# install.sh DIR: axe-core, which judges in the browser tests whether pages can be used by everybody, below DIR. What is
# there already is left as it is.
set -eu
axe=4.14.1
mkdir -p "$1"
cd "$1"
if grep -qs "\"version\": \"$axe\"" node_modules/axe-core/package.json; then exit 0; fi
if ! command -v npm >/dev/null; then
	sudo=; [ "$(id -u)" = 0 ] || sudo=sudo
	$sudo apt-get update -q
	$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends nodejs npm
fi
npm install "axe-core@$axe" --prefix . --no-audit --no-fund --ignore-scripts
