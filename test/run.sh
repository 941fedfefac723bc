#!/usr/bin/env bash
# Runs test programs one after the other and adds up what they say.
#
# Each argument is a program (with arguments, if it has spaces). A test program prints a line
# `ok NAME` or `FAIL NAME: why` a test and ends non-zero if one failed. A program that dies without
# saying so, or says nothing at all, counts as one failure. The last line is `N passed, N failed`.
set -u
passed=0 failed=0
failures=()
started=$SECONDS
log=$(mktemp)
trap 'rm -f "$log"' EXIT
for program in "$@"; do
	from=$SECONDS
	$program 2>&1 | tee "$log"
	code=${PIPESTATUS[0]}
	ok=$(grep -c '^ok ' "$log")
	bad=$(grep -c '^FAIL ' "$log")
	while IFS= read -r line; do failures+=("$line"); done < <(grep '^FAIL ' "$log")
	if [ "$bad" -eq 0 ] && { [ "$code" -ne 0 ] || [ "$ok" -eq 0 ]; }; then
		bad=1
		failures+=("FAIL $program: ended with $code after $ok tests")
	fi
	passed=$((passed + ok)) failed=$((failed + bad))
	printf '== %s: %d passed, %d failed, %d s\n' "$program" "$ok" "$bad" $((SECONDS - from))
done
[ ${#failures[@]} -eq 0 ] || printf '%s\n' "${failures[@]}"
printf 'in %d s\n' $((SECONDS - started))
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
