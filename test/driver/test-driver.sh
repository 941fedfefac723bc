#!/usr/bin/env bash
# test-driver.sh: out/test/libfairlead-tcp.so as an outsider meets it: its header compiles alone, it exports what the header
# has and nothing else, it needs nothing of DPDK from outside, and conversations with it go as they should.
set -u
lib=out/test/libfairlead-tcp.so
header=test/driver/fairlead-tcp.h
failed=0

result()
{
	if [ -z "$2" ]; then
		echo "ok driver $1"
	else
		echo "FAIL driver $1: $2"
		failed=1
	fi
}

result header_compiles_alone "$(echo "#include \"$header\"" | gcc -std=c99 -Wall -Wextra -Werror -fsyntax-only -I. -x c - 2>&1 | head -n 1)"
declared=$(grep -oE '\bfairlead_tcp_[a-z0-9_]+\(' "$header" | tr -d '(' | sort -u | while read -r name; do
	grep -qE "^[a-z].*[ *]$name\(" "$header" && echo "$name"
done)
exported=$(nm -D --defined-only "$lib" | awk '{ print $3 }' | sort -u)
result library_exports_the_header "$(diff <(echo "$declared") <(echo "$exported") | grep '^[<>]' | tr '\n' ' ')"
result library_needs_no_dpdk "$(nm -D --undefined-only "$lib" | awk '$2 ~ /^(rte_|tcp_|eal_)/ { print $2 }' | tr '\n' ' ')"
out/test/driver-talk "$lib" || failed=1
exit $failed
