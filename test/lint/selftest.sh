#!/usr/bin/env bash
# Each check of the lint can fail: on a small good tree it says ok, and on each of the bad ones below it says FAIL,
# and says why. A check that is silent about its bad tree would be silent about ours.
# shellcheck disable=SC2016,SC2086	# commands are quoted for later; CHECK is a program with its arguments
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
failed=0

main()
{
	good_tree "$tmp/good"
	export HOME=$tmp/home # with a registry of its own, for tree.sh
	mkdir "$HOME" && echo 'registry = https://packages.example.net/npm/' >"$HOME/.npmrc"
	local check
	for check in includes.sh symbols.sh 'compile.sh headers' 'compile.sh clang' format.sh tables.sh conformance.sh readmes.sh \
		tree.sh scripts.sh; do
		good "$check"
	done

	bad includes.sh 'may not include "dataplane/net/net.h"' \
		'echo "#include \"dataplane/net/net.h\"" >>fw/base/base.h'
	bad includes.sh 'may not include "dataplane/main.h"' \
		'echo "#include \"dataplane/main.h\"" >>dataplane/net/net.h'
	bad includes.sh 'mgmt may not include' 'echo "#include \"dataplane/main.h\"" >mgmt/model/model.c'
	bad includes.sh 'dataplane may not include' 'echo "#include \"mgmt/model/model.h\"" >>dataplane/main.h'
	bad includes.sh 'dataplane/lb may not include' 'echo "#include \"dataplane/net/net.h\"" >dataplane/lb/lb.c'
	bad includes.sh 'as seen from the root' 'echo "#include \"net.h\"" >dataplane/net/x.c'
	bad includes.sh 'as seen from the root' 'echo "#include \"dataplane/../fw/base/base.h\"" >dataplane/net/x.c'
	bad includes.sh 'is ours' 'echo "#include <fw/base/base.h>" >dataplane/net/x.c'
	bad includes.sh 'no place in the stack' 'echo "# include <time.h>" >dataplane/tcp/x.c'
	bad includes.sh 'in no folder' 'mkdir extra && echo "#include \"fw/base/base.h\"" >extra/x.c'

	bad symbols.sh 'net.o calls malloc: memory' \
		'object dataplane-net net "#include <stdlib.h>
		void *f(void); void *f(void) { return malloc(8); }"'
	bad symbols.sh 'session_x.o calls clock_gettime: time' \
		'object dataplane session_x "#include <time.h>
		int f(struct timespec *t); int f(struct timespec *t) { return clock_gettime(0, t); }"'
	bad symbols.sh 'calls __printf_chk' \
		'object dataplane-tcp tcp "int __printf_chk(int, const char *, ...); int f(void) { return __printf_chk(1, \"x\"); }"'
	bad symbols.sh 'dataplane-http.a is not built' 'rm out/release/lib/dataplane-http.a'

	bad 'compile.sh headers' 'fw/base/base.h:.*uint32_t' 'sed -i /stdint/d fw/base/base.h'
	bad 'compile.sh headers' 'dataplane/net/net.h: .*uint32_t' \
		'"$here/compile.sh" headers >/dev/null; sed -i /stdint/d fw/base/base.h' # through what it includes
	bad 'compile.sh clang' 'dataplane/all.c:.*self-assign' 'echo "void f(int x); void f(int x) { x = x; }" >>dataplane/all.c'

	bad format.sh 'base.h:[0-9]*: .* run .make format' 'echo "int  x;" >>fw/base/base.h'
	bad format.sh 'base.h:[0-9]*: .* run .make format' '"$here/format.sh" >/dev/null; sed -i "s/^$/\n/" fw/base/base.h'

	bad tables.sh 'DROP_new is raised nowhere' 'row fw/abi/drops.tbl new; echo DROP_new >>test/unit/test.c'
	bad tables.sh 'no test names DROP_new' 'row fw/abi/drops.tbl new; echo DROP_new >>dataplane/all.c'
	bad tables.sh 'no test names DROP_new' \
		'row fw/abi/drops.tbl new; echo DROP_new >>dataplane/all.c; echo "/* DROP_new */" >>test/unit/test.c'
	bad tables.sh ' VS_COUNTER_new is raised nowhere' 'row fw/abi/vs_counters.tbl new; echo COUNTER_new >>dataplane/all.c'
	bad tables.sh 'empty cell' 'echo "X(used, \"unit\", \"\")" >fw/abi/counters.tbl'
	bad tables.sh 'used has an empty cell' 'echo "X(used, \"\")" >mgmt/cli/commands.tbl'
	bad tables.sh 'there twice' 'row fw/abi/drops.tbl used'
	bad tables.sh 'is not named' 'row dataplane/other.tbl row'
	bad tables.sh 'be read' 'echo "X(broken" >>fw/abi/drops.tbl'
	bad tables.sh 'has no rows' ': >fw/abi/drops.tbl'
	bad tables.sh 'pool.name: no unit' 'sed -i "s/\"text\"/\"\"/" mgmt/model/schema.tbl'
	bad tables.sh 'pool.name: no help' 'sed -i "s/\"its name\"/\"\"/" mgmt/model/schema.tbl'
	bad tables.sh 'pool.name: no max' 'sed -i "s/63/ /" mgmt/model/schema.tbl'
	bad tables.sh 'pool.name: no default' 'sed -i "s/REQUIRED/\"\"/" mgmt/model/schema.tbl'
	bad tables.sh '8 cells' 'sed -i "s/ 63,//" mgmt/model/schema.tbl'

	bad conformance.sh 'MUST-2 names no test: gone_test' 'sed -i "/MUST-2 /s/good_test/gone_test/" test/sim/README.md'
	bad conformance.sh 'names no test: sim gone' 'sed -i "/MUST-2 /s/good_test/sim gone/" test/sim/README.md'
	bad conformance.sh 'names no test: lab gone' 'sed -i "/MUST-2 /s/good_test/lab gone/" test/sim/README.md'
	bad conformance.sh 'MUST-2 has neither' 'sed -i "/MUST-2 /s/.good_test.//" test/sim/README.md'
	bad conformance.sh 'SHLD-31 is there twice' 'echo "| SHLD-31 | text | because of that |" >>test/sim/README.md'
	bad conformance.sh 'no row for MAY-18' 'sed -i "/MAY-18 /d" test/sim/README.md'
	bad conformance.sh 'no drop reason and no counter: gone' 'sed -i "s/tcp_one/gone/" test/unit/dataplane/tcp/README.md'
	bad conformance.sh 'no row for tcp_one' 'sed -i "/tcp_one/d" test/unit/dataplane/tcp/README.md'
	bad conformance.sh 'the row names no test: gone_test' \
		'sed -i "s/good_test/gone_test/" test/unit/dataplane/tcp/README.md'
	bad conformance.sh 'a row names no test' 'sed -i "s/.good_test.//" test/unit/dataplane/tcp/README.md'
	bad conformance.sh 'MUST-3 has no three cells' 'sed -i "/MUST-3 /s/text//" test/sim/README.md'

	bad readmes.sh 'there is no fw/bass' 'echo "see fw/bass/" >>README.md'
	bad readmes.sh 'there is no gone.c' 'echo "| \`gone.c\` | what |" >>README.md'
	bad readmes.sh 'there is no fw/base/other.h' 'echo "| \`fw/base/{base,other}.h\` |" >>README.md'
	bad readmes.sh 'there is no nothing_\*.c' 'echo "\`nothing_*.c\`" >>README.md'
	bad readmes.sh 'no function gone()' 'echo "\`gone()\` decides" >>README.md'
	bad readmes.sh 'no target gone' 'echo "run \`make gone\`" >>README.md'

	bad tree.sh 'no place at the top level' ': >notes.md'
	bad tree.sh 'no place at the top level' 'mkdir src && : >src/x.c'
	bad tree.sh 'rename it' ': >"fw/base/a b.h"'
	bad tree.sh 'is a binary' 'printf "\177ELF\0" >fw/base/prog'
	bad tree.sh 'private key' 'printf -- "-----BEGIN EC %s KEY-----\n" PRIVATE >test/unit/key.pem'
	bad tree.sh 'a path of this machine' 'pwd | sed "s/$/\/x/" >test/unit/paths.sh'
	bad tree.sh 'a package registry' 'echo "from packages.example.net" >>README.md'
	bad tree.sh 'larger than' 'head -c 2000000 /dev/zero | tr "\0" x >fw/base/big.txt'

	bad scripts.sh 'syntax error' 'echo "if then" >test/unit/bad.sh'
	bad scripts.sh "can't be run" 'echo "#!/bin/bash" >test/unit/bad.sh'
	bad scripts.sh "can't be run" 'echo "#!/bin/bash" >test/unit/bad'
	bad scripts.sh 'SyntaxError' 'mkdir -p test/lab && echo "def (:" >test/lab/bad.py'
	bad scripts.sh 'glue is shell' 'echo "def f(): pass" >test/unit/glue.py'
	bad scripts.sh 'glue is shell' 'echo "#!/usr/bin/env python3" >test/unit/glue'
	return "$failed"
}

# CHECK says ok about the good tree.
good()
{
	local said
	fresh
	if said=$(cd "$tmp/tree" && $here/$1 2>&1); then
		echo "ok lint selftest: $1 passes a good tree"
	else
		failed=1
		echo "FAIL lint selftest: $1: fails on a good tree: $said"
	fi
}

# CHECK says FAIL with a text that matches PATTERN about the good tree after COMMANDS.
bad()
{
	local check=$1 pattern=$2 commands=$3 said
	fresh
	(cd "$tmp/tree" && eval "$commands") || echo "selftest: $commands failed" >&2
	if ! said=$(cd "$tmp/tree" && $here/$check 2>&1) && grep -q "^FAIL lint .*$pattern" <<<"$said"; then
		echo "ok lint selftest: $check finds: $pattern"
	else
		failed=1
		echo "FAIL lint selftest: $check: does not find: $pattern"
	fi
}

fresh()
{
	rm -rf "$tmp/tree"
	cp -r "$tmp/good" "$tmp/tree"
}

# row TABLE NAME: one more row
row()
{
	printf 'X(%s, "unit", "text")\n' "$2" >>"$1"
}

# The README that conformance.sh reads, with every number, and a test of each kind.
requirements()
{
	local kind
	mkdir -p test/sim test/lab/tests test/unit/dataplane/tcp
	echo '| what | `tcp_one` | `good_test` |' >test/unit/dataplane/tcp/README.md
	row fw/abi/drops.tbl tcp_one && echo 'enum { DROP_tcp_one };' | tee -a dataplane/all.c >>test/unit/test.c
	printf '%s\n' 'const char *const names[][2] = {' '	{ "good_test", "" },' '};' >test/unit/good.c
	printf 'X(good_story, short, "what")\n' >test/sim/stories.tbl
	printf '%s\n' '#!/bin/bash' >test/lab/tests/10-good.sh
	chmod +x test/lab/tests/10-good.sh
	for kind in MUST-{1..69} SHLD-{1..31} MAY-{1..18} REC-1; do
		echo "| $kind | text | \`good_test\` |"
	done >test/sim/README.md
	sed -i '/MAY-1 /s/.good_test./`sim good_story`, `lab 10-good`/; /MAY-2 /s/.good_test./does not apply/' test/sim/README.md
}

# object ARCHIVE NAME CODE: one more object in an archive
object()
{
	gcc -x c -c -o "$2.o" - <<<"$3" && ar rcs "out/release/lib/$1.a" "$2.o" && rm "$2.o"
}

good_tree()
{
	mkdir -p "$1" && cd "$1" || exit 1
	mkdir -p fw/{base,abi} dataplane/{net,tcp,http,lb,health} mgmt/model test/unit out/release/lib
	cp "$here/../../.clang-format" .
	echo 'gcc -I. -std=gnu11 -Wall -Wextra -Werror' >out/release/flags
	printf 'help: ## this list\n\t@:\n' >Makefile
	printf '%s\n' '#ifndef B' '#define B' '' '#include <stdint.h>' '' 'uint32_t base(void);' '' '#endif' >fw/base/base.h
	printf '%s\n' '#include "fw/base/base.h"' '' 'uint32_t net(void);' >dataplane/net/net.h
	printf '%s\n' '#include "dataplane/net/net.h"' >dataplane/main.h
	: >mgmt/model/model.h
	printf '%s\n' '# Good' '`fw/base/base.h` and `base()`, not `malloc()`; see fw/abi/ and `make help`; `cmd_<noun>.c`' \
		'`model/*.h` `10.0.0.0/24` HTTP/1.1 `out/x.c`' >mgmt/README.md
	echo '# Top' >README.md
	printf '%s\n' '#!/bin/bash' 'echo ok' >test/run.sh
	chmod +x test/run.sh
	echo 'FIELD(pool, name, NAME, "text", REQUIRED, 1, 63, "", "its name")' >mgmt/model/schema.tbl
	local verb table prefix rest archive
	echo 'enum {' >dataplane/all.c
	while read -r verb table prefix rest; do
		case $verb in
		row) mkdir -p "$(dirname "$table")" ;;
		other)
			mkdir -p "$(dirname "$table")" && row "${table%:}" used
			continue
			;;
		*) continue ;;
		esac
		row "$table" used
		echo "	${prefix%:}used," >>dataplane/all.c
	done <"$here/tables.txt"
	echo '};' >>dataplane/all.c
	cp dataplane/all.c test/unit/test.c
	requirements
	printf '%s\n' 'uint32_t' 'base(void)' '{' '	return 0;' '}' | sed '1i #include "fw/base/base.h"\n' >fw/base/base.c
	for archive in dataplane-{net,tcp,http,lb,health} dataplane; do
		object "$archive" empty 'void empty(void); void empty(void) {}'
	done
	object dataplane main '#include <stdlib.h>
		void *f(void); void *f(void) { return malloc(8); }' # the control thread may
}

main
