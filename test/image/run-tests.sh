#!/bin/bash
# Runs the tests of the booted image: run-tests.sh [--short] [NAME...], all of tests/ by default; BOARD as in machine.sh.
#
# Lines at the top of a test say what it needs:
#
#   # LIMIT: 600                seconds it may take (1800)
#   # SHORT                     with --short only such
set -uo pipefail

image_tests=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ -e /etc/fairlead-sdk ] || exec "$image_tests/../../images/sdk/enter.sh" "$image_tests/run-tests.sh" "$@"
. "$image_tests/../lab/common.sh"
export FL_BOX=image
lab=$image_tests/../lab

short= names=()
for arg in "$@"; do
	case $arg in
	--short) short=yes ;;
	*)	names+=("$arg") ;;
	esac
done
failed=0

main()
{
	local test

	# A lab that does not start leaves nothing, and what is there may be somebody else's.
	"$lab/lab.sh" up >/dev/null || { echo "FAIL lab_up: the lab does not start"; exit 1; }
	trap '"$lab/lab.sh" down; rm -f "$out_lab/machine.qcow2"' EXIT
	trap 'exit 130' INT TERM HUP
	"$lab/lab.sh" box stop
	if [ ${#names[@]} = 0 ]; then
		for test in "$image_tests"/tests/*.sh; do
			[ -z "$short" ] || grep -q '^# SHORT$' "$test" || continue
			run_one "$test"
		done
	else
		for test in "${names[@]}"; do
			run_one "$image_tests/tests/$test.sh"
		done
	fi
	exit $failed
}

run_one()
{
	local name limit said code

	name=$(basename "$1" .sh)
	limit=$(sed -n 's/^# LIMIT: //p' "$1")
	said=$(mktemp)
	timeout -k 5 "${limit:-1800}" bash "$1" 2>&1 </dev/null | tee "$said"
	code=${PIPESTATUS[0]}
	case $code in
	0)	;;
	124 | 137)
		failed=1
		echo "FAIL $name: not done after ${limit:-1800} s" ;;
	*)	failed=1
		grep -q '^FAIL ' "$said" || echo "FAIL $name: ended with $code" ;;
	esac
	[ "$code" != 0 ] || grep -q '^ok ' "$said" || { failed=1; echo "FAIL $name: said nothing"; }
	[ "$code" = 0 ] || cp "$out_lab/console.log" "$out_lab/console.$name.log"
	rm -f "$said"
}

main
