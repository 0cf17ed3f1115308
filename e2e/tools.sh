#!/bin/sh
# Installs what the tests need beside Go and Node: a C compiler for Go's race detector, Chromium with fonts that have
# emoji, nginx and Caddy. Says what it does. Without the right to install, it says what to install.
set -eu

missing=""
command -v cc >/dev/null 2>&1 || command -v gcc >/dev/null 2>&1 || missing="gcc libc6-dev"
if ! command -v chromium >/dev/null 2>&1 && [ -z "${CHROMIUM:-}" ]; then
	missing="$missing chromium fonts-noto-core fonts-noto-color-emoji"
fi
command -v nginx >/dev/null 2>&1 || [ -x /usr/sbin/nginx ] || missing="$missing nginx-light"
command -v caddy >/dev/null 2>&1 || missing="$missing caddy"
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null 2>&1; then
	echo "The tests need a C compiler, Chromium, nginx and Caddy. Install them (missing here, by Debian's names: $missing), or set CHROMIUM to a browser's path." >&2
	exit 1
fi
as_root=""
if [ "$(id -u)" != 0 ]; then
	if ! command -v sudo >/dev/null 2>&1 || ! sudo -n true 2>/dev/null; then
		echo "The tests need $missing. Run: sudo apt-get install -y $missing" >&2
		exit 1
	fi
	as_root="sudo"
fi
echo "Installing for the tests: $missing"
$as_root apt-get update -qq
# Servers among them are not started (RUNLEVEL).
DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 $as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null
