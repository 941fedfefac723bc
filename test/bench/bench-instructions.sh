#!/usr/bin/env bash
# Instructions that the box needs for a request, a packet, a turn: bench-path under callgrind, which counts the same on any
# machine. What ships is counted: the release build, whatever V says.
#
#   bench-instructions.sh check    compares with instructions.budget; a test of `make test`
#   bench-instructions.sh table    prints the figures, and the TOP functions of each scenario
#   bench-instructions.sh budget   prints a new instructions.budget
#
# SCENARIO: some of them only. BUDGET: another file. Profiles stay in out/bench/instructions: NAME.callgrind for callgrind_annotate and kin,
# NAME.good of the last check that was passed.
set -euo pipefail

bench_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$bench_dir/../.." && pwd)
[ -e /etc/fairlead-sdk ] ||
	exec "$top/images/sdk/enter.sh" env SCENARIO="${SCENARIO:-}" TOP="${TOP:-}" BUDGET="${BUDGET:-}" \
		"$bench_dir/bench-instructions.sh" "$@"

cd "$top"
program=out/release/bench-path
results=out/bench/instructions
budget=${BUDGET:-test/bench/instructions.budget}
tolerance=2 # percent
grown=8     # functions that are named if there is more to do

main()
{
	local scenarios
	scenarios=${SCENARIO:-$("$program" --list | cut -d' ' -f1)}
	mkdir -p "$results"
	# shellcheck disable=SC2086 # a list of words
	printf '%s\n' $scenarios | xargs -P2 -n1 "$bench_dir/bench-instructions.sh" measure
	case $1 in
	check) check "$scenarios" ;;
	table) table "$scenarios" ;;
	budget) new_budget "$scenarios" ;;
	esac
}

# Nothing of the caller's surroundings gets in: neither environment nor address layout. NAME.counts and NAME.profile are left.
measure()
{
	local at=$results/$1

	if ! env -i PATH=/usr/bin:/bin setarch -R valgrind --tool=callgrind --callgrind-out-file="$at.callgrind" \
		--instr-atstart=no --toggle-collect=worker_turn --toggle-collect=card_rx --toggle-collect=card_tx \
		"$program" "$1" >"$at.counts" 2>"$at.log"; then
		cat "$at.log" >&2
		echo "FAIL instructions $1: $program did not get through it"
		exit 1
	fi
	awk -f "$bench_dir/instructions.awk" "$at.callgrind" | sort >"$at.profile"
}

# What figures depend on beside our own code: as the budget has it, a line each.
versions()
{
	local package
	for package in gcc-14 libc6 libdpdk-dev valgrind; do
		echo "version $package $(dpkg-query -W -f '${Version}' "$package")"
	done
	echo "version processor $(grep -qw avx2 /proc/cpuinfo && echo avx2 || echo no-avx2)"
}

unit_of() { "$program" --list | awk -v name="$1" '$1 == name { print $2 }'; }

# Instructions a unit, with a decimal.
figure() { awk 'FNR == NR { if ($3 == "total") all = $1; next } { printf "%.1f\n", all / $1 }' "$results/$1.profile" "$results/$1.counts"; }

check()
{
	local name measured allowed unit judged=yes verdict text failed=0

	if ! diff <(grep '^version ' "$budget") <(versions) >"$results/versions.diff"; then
		judged=no
		echo "other versions than the budget's, so differences are only printed:"
		grep '^[<>]' "$results/versions.diff" | sed 's/^</  budget: /; s/^>/  here:   /'
	fi
	for name in $1; do
		measured=$(figure "$name") unit=$(unit_of "$name")
		allowed=$(awk -v name="$name" '$1 == name { print $2 }' "$budget")
		if [ -z "$allowed" ]; then
			echo "FAIL instructions $name: not in $budget; $measured measured"
			failed=1
			continue
		fi
		verdict=$(awk -v m="$measured" -v b="$allowed" -v t=$tolerance -v judged=$judged 'BEGIN {
			print (judged == "no" ? "as it is" : m > b * (1 + t / 100) ? "over" : m < b * (1 - t / 100) ? "below" : "within") }')
		text=$(awk -v m="$measured" -v b="$allowed" -v unit="$unit" 'BEGIN {
			printf "%.0f a %s, budget %.0f (%+.2f%%)", m, unit, b, 100 * (m / b - 1) }')
		if [ "$verdict" = over ]; then
			echo "FAIL instructions $name: $text, more than $tolerance% over: make it cheaper, or raise the budget and say why in the commit"
			what_grew "$name"
			failed=1
			continue
		fi
		echo "ok instructions $name: $text"
		[ "$verdict" != below ] || echo "  more than $tolerance% below: please lower $name in $budget to $measured, and say so in the commit"
		cp "$results/$name.profile" "$results/$name.good"
		cp "$results/$name.counts" "$results/$name.good-counts"
	done
	for name in $([ -n "${SCENARIO:-}" ] || awk '!/^(#|version |$)/ { print $1 }' "$budget"); do
		[ -n "$(unit_of "$name")" ] && continue
		echo "FAIL instructions $name: in $budget, and no scenario of $program"
		failed=1
	done
	return $failed
}

# Which functions need more for a unit than when the check was passed last.
what_grew()
{
	local at=$results/$1

	if [ ! -e "$at.good" ]; then
		echo "  no profile of an earlier check here: run it without the change to see which functions grew"
		return
	fi
	awk -v old="$(cut -d' ' -f1 "$at.good-counts")" -v new="$(cut -d' ' -f1 "$at.counts")" '
		FNR == NR { before[$3] = $1 / old; next }
		{ more = $1 / new - before[$3] }
		more >= 0.5 && $3 != "total" { printf "%.1f %s (%.1f before)\n", more, $3, before[$3] }
	' "$at.good" "$at.profile" | sort -rn | head -n $grown | sed 's/^/  +/'
}

table()
{
	local name

	printf '%-18s %14s %14s %10s %14s\n' scenario instructions for 'a packet' 'packets a turn'
	for name in $1; do
		awk -v name="$name" -v unit="$(unit_of "$name")" '
			FNR == NR { if ($3 == "total") all = $1; next }
			{ packets = $2 + $3
			  printf "%-18s %14.0f %14s %10s %14s\n", name, all / $1, unit,
				(packets > 99 ? sprintf("%.0f", all / packets) : "-"),
				(packets > 99 ? sprintf("%.0f", packets / $5) : "-") }
		' "$results/$name.profile" "$results/$name.counts"
	done
	for name in $1; do
		printf '\n%s, a %s: instructions of functions themselves, with all that they call, share of the former\n' "$name" "$(unit_of "$name")"
		functions "$name" 1
		printf '\n%s, a %s: the same by the latter\n' "$name" "$(unit_of "$name")"
		functions "$name" 2
	done
}

# functions SCENARIO COLUMN: the first ones by that column of the profile.
functions()
{
	sort -rnk "$2,$2" "$results/$1.profile" | awk -v column="$2" -v top="${TOP:-25}" \
		-v all="$(awk '$3 == "total" { print $1 }' "$results/$1.profile")" '
		FNR == NR { units = $1; next }
		$3 == "total" || $3 ~ /^test\// { next }
		++n <= top { printf "%10.1f %10.1f %5.1f%%  %s\n", $1 / units, $2 / units, 100 * $column / all, $3 }
	' "$results/$1.counts" -
}

new_budget()
{
	local name

	sed -n '/^#/p' "$budget"
	versions
	for name in $1; do
		echo "$name $(figure "$name") $(unit_of "$name")"
	done
}

case ${1:-} in
measure) measure "$2" ;;
check | table | budget) main "$1" ;;
*) sed -n '2,11s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
esac
