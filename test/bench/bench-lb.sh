#!/bin/bash
# bench-lb: instructions of a pick, and of a request's whole share of balancing (pick, load up, load down), by callgrind.
# REQUESTS: how many in each run.
set -euo pipefail

bench_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$bench_dir/../.." && pwd)
[ -e /etc/fairlead-sdk ] || exec "$top/images/sdk/enter.sh" env V="${V:-}" REQUESTS="${REQUESTS:-}" "$bench_dir/bench-lb.sh"

requests=${REQUESTS:-20000}
program=$top/out/${V:-release}/bench-lb
methods="round-robin least-connections random-of-two source-hash maglev"
sizes="3 30 1000"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

main()
{
	local method down size

	echo "instructions a pick (and a request with its load counted up and down), $requests requests"
	printf '%-20s %-16s' "" "weights"
	for size in $sizes; do printf ' %16s' "$size members"; done
	echo
	for method in $methods; do
		for state in "equal 0" "mixed 0" "mixed 30" "mixed 90"; do
			printf '%-20s %-16s' "$method" "${state% *}, ${state#* }% down"
			for size in $sizes; do printf ' %16s' "$(measure "$method" "$size" $state)"; done
			echo
		done
	done
}

# "pick (request)"
measure()
{
	local out=$work/callgrind

	valgrind --tool=callgrind --callgrind-out-file="$out" --toggle-collect=requests \
		"$program" "$1" "$2" "$3" "$4" "$requests" 2>"$work/log" || { cat "$work/log" >&2; exit 1; }
	callgrind_annotate --inclusive=yes --threshold=100 "$out" >"$work/functions"
	awk -v n="$requests" '
		{ gsub(/,/, "") }
		/:requests / { all = $1 }
		/:lb_pick / { pick = $1 }
		END { printf "%d (%d)", pick / n, all / n }
	' "$work/functions"
}

main
