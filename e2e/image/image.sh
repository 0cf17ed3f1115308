#!/bin/sh
# Builds the image with docker or podman, runs it with a read-only root, asks the health check that is in it, stops it, and says how
# large it is. Needs an engine that can have the base images.
set -eu
cd "$(dirname "$0")/../.."

engine=""
for candidate in docker podman; do
	if command -v $candidate >/dev/null 2>&1 && $candidate info >/dev/null 2>&1; then engine=$candidate && break; fi
done
if [ -z "$engine" ]; then
	echo "There is no docker and no podman here, so the image is not built. (go test ./e2e/image checks what can be checked without.)"
	exit 0
fi

$engine build -t quire:test .
container=$($engine run -d --read-only --cap-drop ALL -v quire-test:/data quire:test)
trap '$engine rm -f "$container" >/dev/null; $engine volume rm quire-test >/dev/null' EXIT
tries=0
until $engine exec "$container" /quire health; do
	tries=$((tries + 1))
	[ $tries -lt 50 ] || { $engine logs "$container"; exit 1; }
	sleep 0.2
done
$engine exec "$container" /quire backup /data/backup
$engine exec "$container" /quire verify
$engine stop -t 10 "$container" >/dev/null
code=$($engine inspect --format '{{.State.ExitCode}}' "$container")
[ "$code" = 0 ] || { echo "it ended with $code"; $engine logs "$container"; exit 1; }
bytes=$($engine image inspect --format '{{.Size}}' quire:test)
echo "The image works, and has $((bytes / 1000000)) MB."
[ "$bytes" -lt 30000000 ] || { echo "That is more than 30 MB."; exit 1; }
