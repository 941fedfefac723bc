#!/usr/bin/env bash
# The capacity model: capacity.md says what it is.
#
#   capacity.sh table     prints it
#   capacity.sh write     puts it into capacity.md
#   capacity.sh record    takes what was measured from the last samples of bench-device and bench-instructions in out/bench into
#                         capacity.txt; what they lack stays as it is
set -euo pipefail

bench_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$bench_dir/../.."
inputs=test/bench/capacity.txt
page=test/bench/capacity.md
device=out/bench/device.txt
counts=out/bench/instructions
budget=test/bench/instructions.budget

table() { awk -f "$bench_dir/capacity.awk" "$budget" "$inputs" board/*/board.conf; }

write()
{
	mkdir -p out
	table >out/capacity.table
	awk '
		FNR == NR { table = table $0 "\n"; next }
		/^<!-- end -->$/ { inside = 0 }
		!inside
		/^<!-- table -->$/ { inside = 1; printf "%s", table }
	' out/capacity.table "$page" >out/capacity.page
	cp out/capacity.page "$page"
}

record()
{
	mkdir -p out
	{ from_device; from_counts; } >out/capacity.measured
	awk '
		FNR == NR { value[$1, $2] = $3; next }
		$1 == "measured" && (($2, $3) in value) {
			sub(" " $3 " [^ ]+ ", " " $3 " " value[$2, $3] " ")
			if ($3 == "cycles_an_instruction")
				sub(/\|.*/, "| bench-device: busy time of a request on a kept connection, by the instructions of keepalive-1k")
		}
		{ print }
	' out/capacity.measured "$inputs" >out/capacity.inputs
	cp out/capacity.inputs "$inputs"
}

# Nanoseconds of a busy worker for a unit, the mean of the runs without errors. Samples: WORKLOAD RUN NAME VALUE.
from_device()
{
	[ -e "$device" ] || return 0
	awk -v ghz="$(awk '$2 == "machine" && $3 == "ghz" { print $4 }' "$inputs")" \
		-v instructions="$(awk '$1 == "keepalive-1k" { print $2 }' "$budget")" '
		{ value[$1, $2, $3] = $4 }
		$2 > runs { runs = $2 }
		function ns(work, name,    run, n, sum) {
			for (run = 1; run <= runs; run++)
				if (value[work, run, name] > 0 && value[work, run, "errors"] == 0) {
					sum += value[work, run, "subject_busy_share"] / value[work, run, name] * 1e9
					n++
				}
			if (n)
				printf "device %s_ns %.0f\n", work, sum / n
			return n ? sum / n : 0
		}
		END {
			each = ns("keepalive", "requests_per_s")
			ns("connect", "requests_per_s")
			ns("connect-both", "requests_per_s")
			ns("bulk", "mbytes_per_s")
			if (each)
				printf "machine cycles_an_instruction %.3f\n", each * ghz / instructions
		}' "$device"
}

# Frames in and out, a unit.
from_counts()
{
	local pair

	for pair in keepalive:keepalive-1k connect:connect-pooled connect-both:connect-both bulk:bulk bulk-nic:bulk-nic; do
		[ -e "$counts/${pair#*:}.counts" ] || continue
		awk -v work="${pair%%:*}" '{ printf "%s frames_in %.1f\n%s frames_out %.1f\n", work, $2 / $1, work, $3 / $1 }' \
			"$counts/${pair#*:}.counts"
	done
}

case ${1:-} in
table) table ;;
write) write ;;
record) record && table ;;
*) sed -n '2,7s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
esac
