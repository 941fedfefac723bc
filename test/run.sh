#!/usr/bin/env bash
# Runs test programs and adds up what they say.
#
# Each argument is a program (with arguments, if it has spaces). A test program prints a line
# `ok NAME` or `FAIL NAME: why` a test and ends non-zero if one failed. A program that dies without
# saying so, or says nothing at all, counts as one failure. The last line is `N passed, N failed`.
#
# JOBS=n runs so many side by side; what each says still comes in one piece, in the order given.
set -u
jobs=${JOBS:-1}
passed=0 failed=0
failures=()
started=$SECONDS
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# run INDEX PROGRAM: its output to work/INDEX, at once to the terminal too if nothing else runs
run()
{
	local from=$SECONDS
	if [ "$jobs" -gt 1 ]; then
		$2 >"$work/$1" 2>&1
	else
		$2 2>&1 | tee "$work/$1"
		(exit "${PIPESTATUS[0]}")
	fi
	echo "$? $((SECONDS - from))" >"$work/$1.end"
}

# report INDEX PROGRAM
report()
{
	local code seconds ok bad
	[ "$jobs" -eq 1 ] || cat "$work/$1"
	read -r code seconds <"$work/$1.end"
	ok=$(grep -c '^ok ' "$work/$1")
	bad=$(grep -c '^FAIL ' "$work/$1")
	while IFS= read -r line; do failures+=("$line"); done < <(grep '^FAIL ' "$work/$1")
	if [ "$bad" -eq 0 ] && { [ "$code" -ne 0 ] || [ "$ok" -eq 0 ]; }; then
		bad=1
		failures+=("FAIL $2: ended with $code after $ok tests")
	fi
	passed=$((passed + ok)) failed=$((failed + bad))
	printf '== %s: %d passed, %d failed, %d s\n' "$2" "$ok" "$bad" "$seconds"
}

programs=("$@")
pids=()
reported=0
report_next()
{
	wait "${pids[$reported]}"
	report "$reported" "${programs[$reported]}"
	reported=$((reported + 1))
}
for ((i = 0; i < $#; i++)); do
	if [ "$jobs" -eq 1 ]; then
		run "$i" "${programs[$i]}"
		report "$i" "${programs[$i]}"
		continue
	fi
	while [ "$(jobs -rp | wc -l)" -ge "$jobs" ]; do wait -n; done
	run "$i" "${programs[$i]}" &
	pids[$i]=$!
	while [ "$reported" -le "$i" ] && [ -e "$work/$reported.end" ]; do report_next; done
done
while [ "$jobs" -gt 1 ] && [ "$reported" -lt $# ]; do report_next; done
[ ${#failures[@]} -eq 0 ] || printf '%s\n' "${failures[@]}"
printf 'in %d s\n' $((SECONDS - started))
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
