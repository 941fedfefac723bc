#!/usr/bin/env bash
# The table of RFC 9293's requirements in test/sim/README.md is complete and true: each number of appendix B has one row
# with a proof or a reason, and each test that it names is there.
#
# The table of what hostile peers send, in test/unit/dataplane/tcp/README.md, likewise: its tests are there, the drop reasons and
# counters too, and each drop reason of TCP has a row.
#
# `name` is a unit test, `sim NAME` a story of stories.tbl, `lab NAME` a test of test/lab/tests.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

readme=test/sim/README.md
hostile=test/unit/dataplane/tcp/README.md

check()
{
	tests | sort -u >"$work/tests"
	sed -nE 's/^X\(([a-z0-9_]+),.*/\1/p' fw/abi/drops.tbl >"$work/drops"
	sed -nE 's/^X\(([a-z0-9_]+),.*/\1/p' fw/abi/counters.tbl >"$work/counters"
	awk -f "$lint/conformance.awk" "$work/tests" "$work/drops" "$work/counters" "$readme" "$hostile"
}

tests()
{
	files .c | { grep '^test/unit/' || :; } | xargs -r sed -nE 's/^[ \t]*\{ "([a-z0-9_]+)",.*/\1/p'
	sed -nE 's/^X\(([a-z0-9_]+), (short|long),.*/sim \1/p' test/sim/stories.tbl
	files .sh | sed -nE 's/^test\/lab\/tests\/([A-Za-z0-9-]+)\.sh$/lab \1/p'
}

report conformance check
