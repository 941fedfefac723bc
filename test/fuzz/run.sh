#!/usr/bin/env bash
# run.sh TARGET...: each target under libFuzzer for MINUTES, two side by side. A line a target: how many inputs were tried
# and how many of them are worth keeping, or the one that broke it. What is found on the way stays in out/fuzz/found.
set -u
MINUTES=${MINUTES:-1}
corpus=test/fuzz/corpus found=out/fuzz/found logs=out/fuzz/log fail=out/fail

main()
{
	local target failed=0
	mkdir -p "$logs" "$fail"
	for target in "$@"; do
		[ -x "out/fuzz/engine-$target" ] || { echo "FAIL fuzz $target: no such target" && exit 1; }
	done
	for target in "$@"; do
		while [ "$(jobs -rp | wc -l)" -ge 2 ]; do wait -n || failed=1; done
		fuzz "$target" &
	done
	while [ -n "$(jobs -p)" ]; do wait -n || failed=1; done
	exit $failed
}

fuzz()
{
	local target=$1 seconds options=() runs inputs broken
	seconds=$(awk -v m="$MINUTES" 'BEGIN { printf "%d", m * 60 }')
	mkdir -p "$found/$target"
	[ ! -e "test/fuzz/$target.dict" ] || options+=("-dict=test/fuzz/$target.dict")
	rm -f "$fail/fuzz-$target-"*
	if ! "out/fuzz/engine-$target" -max_total_time="$seconds" -timeout=10 -max_len=4096 -print_final_stats=1 \
		-artifact_prefix="$fail/fuzz-$target-" "${options[@]}" \
		"$found/$target" "$corpus/$target" >"$logs/$target" 2>&1; then
		broken=$(find "$fail" -name "fuzz-$target-*" | head -n 1)
		echo "FAIL fuzz $target: ${broken:-the engine ends without an input}; see $logs/$target"
		grep -E -m 5 'ASSERT|ERROR|runtime error|SUMMARY' "$logs/$target" | sed 's/^/  /'
		return 1
	fi
	runs=$(awk '/^stat::number_of_executed_units/ { print $2 }' "$logs/$target")
	inputs=$(find "$found/$target" "$corpus/$target" -type f | wc -l)
	echo "ok fuzz $target: $runs runs in $seconds s, $inputs inputs in the corpus and found"
}

main "$@"
