#!/bin/bash
# test-trap.sh DIRECTORY: does the trap catch what it is for, and nothing else? DIRECTORY holds the library and the victim.
set -u
dir=$1
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
ulimit -c 0
failed=0

# victim DEED: how it ended; what it said is in $tmp/out and $tmp/err. Through a subshell, which reports its signal as 128 + n.
victim()
{
	(LD_PRELOAD=$preload "$dir/trap-victim" "$1" >"$tmp/out" 2>"$tmp/err"; exit $?) 2>/dev/null
}

# verdict NAME CONDITION...
verdict()
{
	local name=$1
	shift

	if "$@"; then
		echo "ok $name"
	else
		echo "FAIL $name: ended with $status, said: $(tr '\n' ' ' <"$tmp/err")"
		failed=1
	fi
}

is_caught() # FUNCTION DEED
{
	[ "$status" = 134 ] && grep -q "^trap-malloc: forbidden $1 in thread [0-9]" "$tmp/err" &&
		grep -q 'trap-victim' "$tmp/err" && ! grep -q lived "$tmp/out"
}

is_alive() { [ "$status" = 0 ] && grep -q lived "$tmp/out" && [ "$(grep -c armed "$tmp/err")" = "$1" ]; }

preload=$dir/libtrap-malloc.so
for function in malloc calloc realloc free posix_memalign aligned_alloc memalign; do
	victim $function
	status=$?
	verdict "trap_${function}_in_forbidden_thread_aborts" is_caught $function
done
victim strdup
status=$?
verdict trap_allocation_within_the_c_library_aborts is_caught malloc
victim nothing
status=$?
verdict trap_forbidden_thread_that_does_not_allocate_lives is_alive 1
victim before
status=$?
verdict trap_allocation_before_the_promise_lives is_alive 1
preload=
victim malloc
status=$?
verdict trap_not_preloaded_allocation_lives is_alive 0
exit $failed
