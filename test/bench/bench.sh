#!/bin/bash
# All benchmarks that have an aim, one after the other, and at the end one table: ours, the best peer, ratio, aim.
# RUNS, RUN_S: of the rigs. TABLE=only: the table of the samples that are there, without running anything.
set -euo pipefail

bench_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
lab_dir=$bench_dir/../lab
. "$bench_dir/shared.sh"
enter_root "$bench_dir/bench.sh" V RUNS RUN_S TABLE NO_HUGE
. "$lab_dir/common.sh"

out_bench=$top/out/bench

main()
{
	[ "${TABLE:-}" = only ] || run_all
	table
}

# One that fails costs its lines, not the others'.
run_all()
{
	local one

	export V RUNS RUN_S NO_HUGE
	mkdir -p "$out_bench"
	rm -f "$out_bench"/{device,wire,micro}.txt
	for one in bench-device.sh bench-wire.sh bench-lb.sh; do
		"$bench_dir/$one" || echo "$one failed" >&2
		echo
	done
	export MICRO_SAMPLES=$out_bench/micro.txt
	for one in bench-lookup bench-maglev bench-parse; do
		[ ! -x "$bin/$one" ] || "$bin/$one" || echo "$one failed" >&2
		echo
	done
}

table()
{
	local files=() one

	for one in device wire micro; do
		[ ! -e "$out_bench/$one.txt" ] || files+=("$out_bench/$one.txt")
	done
	date -u +"Of %Y-%m-%d, $(nproc) cores, $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)"
	awk -f "$bench_dir/runs.awk" -f "$bench_dir/bench.awk" "$bench_dir/aims.txt" "${files[@]}"
}

main
