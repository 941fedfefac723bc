#!/bin/bash
# All benchmarks that have an aim, one after the other, and at the end one table: ours, the best peer, ratio, aim.
# RUNS, RUN_S: of the rigs. TABLE=only: the table of the samples that are there, without running anything.
set -euo pipefail

bench_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
lab_dir=$bench_dir/../lab
. "$bench_dir/shared.sh"
enter_root "$bench_dir/bench.sh" V RUNS RUN_S TABLE NO_HUGE
. "$lab_dir/common.sh"

say() { echo "bench: $*" >&2; }

out_bench=$top/out/bench
running= failed=

main()
{
	[ "${TABLE:-}" = only ] || run_all
	table
	[ -z "$failed" ] || die "failed:$failed"
}

# One that fails costs its lines, not the others'.
run_all()
{
	local one

	trap 'trap "" INT TERM HUP; kill -TERM $running 2>/dev/null || :; wait; exit 130' INT TERM HUP
	export V RUNS RUN_S NO_HUGE MICRO_SAMPLES=$out_bench/micro.txt
	mkdir -p "$out_bench"
	rm -f "$out_bench"/{device,wire,micro}.txt
	for one in "$bench_dir"/bench-{device,wire,lb}.sh "$bin"/bench-{lookup,maglev,parse}; do
		"$one" &
		running=$!
		wait $running || failed="$failed $(basename "$one")"
		echo
	done
}

table()
{
	local files=() one

	for one in device wire micro; do
		[ ! -e "$out_bench/$one.txt" ] || files+=("$out_bench/$one.txt")
	done
	[ ${#files[@]} -gt 0 ] || die "there are no samples"
	date -u -r "${files[0]}" +"Of %Y-%m-%d, $(nproc) cores, $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)"
	awk -f "$bench_dir/runs.awk" -f "$bench_dir/bench.awk" "$bench_dir/aims.txt" "${files[@]}"
}

main
