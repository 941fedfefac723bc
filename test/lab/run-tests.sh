#!/bin/bash
# Runs the lab's tests: run-tests.sh [--long] [--again] [NAME...], all of tests/ by default.
#
# FAMILY=4, 6 or both says what they go over, WORKERS=n how many workers the appliance has.
#
# Lines at the top of a test say what it needs:
#
#   # FAULT: p0:loss=2% ...     faults of the ports; the appliance starts anew for each set
#   # LIMIT: 120                seconds it may take (60)
#   # LONG                      only with --long
#   # AGAIN                     with --again only such: short ones that are worth another family, or more workers
#   # REBUILD                   it leaves a lab that nobody can use
set -uo pipefail

lab_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ -e /etc/fairlead-sdk ] || exec "$lab_dir/../../images/sdk/enter.sh" "$lab_dir/run-tests.sh" "$@"
. "$lab_dir/common.sh"

long= again= names=()
for arg in "$@"; do
	case $arg in
	--long)	long=yes ;;
	--again) again=yes ;;
	*)	names+=("$arg") ;;
	esac
done
failed=0
faults_now=none

main()
{
	local tests test

	if [ ${#names[@]} = 0 ]; then
		mapfile -t tests < <(selected)
	else
		tests=("${names[@]/#/$lab_dir/tests/}")
		tests=("${tests[@]/%/.sh}")
	fi
	trap '"$lab_dir/lab.sh" down' EXIT
	trap 'exit 130' INT TERM HUP
	for test in "${tests[@]}"; do
		lab_with "$(header FAULT "$test")" || give_up
		run_one "$test"
		! has "$test" REBUILD || lab_anew
	done
	exit $failed
}

# Tests of one set of faults follow each other; those that end the lab come last.
selected()
{
	local test

	for test in "$lab_dir"/tests/*.sh; do
		has "$test" LONG && [ -z "$long" ] && continue
		[ -n "$again" ] && ! has "$test" AGAIN && continue
		printf '%s\t%s\t%s\n' "$(has "$test" REBUILD && echo 1 || echo 0)" "$(header FAULT "$test")" "$test"
	done | LC_ALL=C sort | cut -f3
}

header() { sed -n "s/^# $1: //p" "$2"; }
has() { grep -q "^# $2\$" "$1"; }

lab_with()
{
	[ "$1" = "$faults_now" ] && return
	if [ "$faults_now" = none ]; then
		FAULT=$1 "$lab_dir/lab.sh" up >/dev/null || { trap - EXIT; return 1; }
	else
		"$lab_dir/lab.sh" box stop
		FAULT=$1 "$lab_dir/lab.sh" box start || return 1
	fi
	faults_now=$1
}

# The next test has it built again.
lab_anew()
{
	"$lab_dir/lab.sh" down
	faults_now=none
}

run_one()
{
	local name limit said code

	name=$(basename "$1" .sh)
	limit=$(header LIMIT "$1")
	said=$(mktemp)
	timeout -k 5 "${limit:-60}" bash "$1" 2>&1 </dev/null | tee "$said"
	code=${PIPESTATUS[0]}
	case $code in
	0)	;;
	124 | 137)
		failed=1
		echo "FAIL $name: not done after ${limit:-60} s"
		lab_anew ;; # whatever it has left there
	*)	failed=1
		grep -q '^FAIL ' "$said" || echo "FAIL $name: ended with $code" ;;
	esac
	[ "$code" != 0 ] || grep -q '^ok ' "$said" || { failed=1; echo "FAIL $name: said nothing"; }
	rm -f "$said"
}

give_up()
{
	echo "FAIL lab_up: the lab does not start"
	exit 1
}

main
