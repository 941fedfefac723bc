#!/bin/bash
# short.sh: what `make test` runs of the booted image: builds the reference board's, looks into it, boots it once.
set -uo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$here/../.."
export BOARD=qemu-q35
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if make --no-print-directory image BOARD=$BOARD SQUASHFS_LEVEL=3 >"$log" 2>&1; then
	echo "ok image_builds"
else
	echo "FAIL image_builds: $(tail -n 3 "$log" | tr '\n' ' ')"
	exit 1
fi
code=0
test/image/contents.sh $BOARD || code=1
test/image/run-tests.sh --short || code=1
exit $code
