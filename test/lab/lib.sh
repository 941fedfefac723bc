# What the lab's tests share. Each tests/*.sh sources this, then says what it saw:
#
#   ok NAME                     one line a fact, named subject_condition_result
#   FAIL NAME: why
#
# A test ends non-zero if one of its facts failed. It may stop servers and load
# configurations; it puts back what it changed.

. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

lab=$top/test/lab
tests_dir=$lab/tests
tmp=$(mktemp -d)
failures=0
trap 'code=$?; rm -rf "$tmp"; [ $failures = 0 ] || code=1; exit $code' EXIT

# The virtual servers of default.conf, by type and family.
declare -A url=(
	[http4]=http://10.0.0.100 [http6]=http://[fd00::100]
	[tcp4]=http://10.0.0.101 [tcp6]=http://[fd00::101]
)

# FAMILY is 4, 6 or both: what the tests go over. Those of which one family tells as much as the other use these names,
# which are of IPv6 if FAMILY is 6 and otherwise of IPv4; some are about one family only, whatever FAMILY is.
case ${FAMILY:=both} in
4)	kinds="http4 tcp4" ;;
6)	kinds="http6 tcp6" ;;
*)	kinds="http4 http6 tcp4 tcp6" ;;
esac
http_kinds=$(tr ' ' '\n' <<<"$kinds" | grep http | tr '\n' ' ')
if [ $FAMILY = 6 ]; then
	http=http6 tcp=tcp6 www=www6 pool=web6
	member=([1]=fd00:1::11 [2]=fd00:1::12 [3]=fd00:1::13)
	socket=([1]=[fd00:1::11]:80 [2]=[fd00:1::12]:80 [3]=[fd00:1::13]:80)
	vip=([100]=fd00::100 [150]=fd00::150)
	host=([100]=[fd00::100] [150]=[fd00::150])
else
	http=http4 tcp=tcp4 www=www pool=web
	member=([1]=10.0.1.11 [2]=10.0.1.12 [3]=10.0.1.13)
	socket=([1]=10.0.1.11:80 [2]=10.0.1.12:80 [3]=10.0.1.13:80)
	vip=([100]=10.0.0.100 [150]=10.0.0.150)
	host=([100]=10.0.0.100 [150]=10.0.0.150)
fi
workers=${WORKERS:-1}

ok() { echo "ok $1"; }

fail()
{
	failures=$((failures + 1))
	echo "FAIL $1: $2"
}

# check NAME CMD...: a fact that a command proves; the end of its output is the why.
check()
{
	local name=$1 said status=0
	shift

	said=$("$@" 2>&1) || status=$?
	if [ $status = 0 ]; then
		ok "$name"
	else
		fail "$name" "ended with $status: $(tail -n 3 <<<"$said" | tr '\n' ' ')"
	fi
}

# equal NAME WANT GOT
equal()
{
	[ "$2" = "$3" ] && ok "$1" || fail "$1" "want '$2', got '$3'"
}

client() { in_ns client "$@"; }

cli() { "$bin/fairlead" --run-dir "$run_dir" "$@"; }

# get KIND PATH [curl options]: the body on stdout.
get()
{
	local target=${url[$1]}$2
	shift 2

	client curl -g -sS -f -m 20 "$@" "$target"
}

# servers_seen KIND N: which servers answered N requests, each with a connection
# of its own, in one line; "-" where the answer was not a 200.
servers_seen()
{
	local i

	for ((i = 0; i < $2; i++)); do
		get "$1" / 2>/dev/null || echo -
	done | sort -u | tr '\n' ' ' | sed 's/ $//'
}

sha_of() { sed -n "s/  $1\$//p" "$out_lab/www/SHA256SUMS"; }

# download_sha KIND FILE SECONDS
download_sha()
{
	client curl -g -sS -f -m "$3" "${url[$1]}/$2" | sha256sum | cut -d' ' -f1
}

# upload KIND PATH NAME SECONDS [curl options]: prints where the body was stored.
upload()
{
	local kind=$1 file=$2 name=$3 limit=$4 server
	shift 4

	server=$(client curl -g -sS -f -m "$limit" -o /dev/null -w '%header{x-server}' \
		-T "$file" "$@" "${url[$kind]}/upload/$name") || return
	echo "$out_lab/$server/upload/$name"
}

# upload_is_whole KIND PATH NAME SECONDS [curl options]: stored byte for byte.
upload_is_whole()
{
	local stored status=0

	stored=$(upload "$@") || return
	cmp "$2" "$stored" || status=1
	rm -f "$stored"
	return $status
}

# member_field MEMBER HEADING: what `show pools` has under a heading for a member
# with a monitor, named by ADDRESS or ADDRESS:PORT.
member_field()
{
	cli show pools | awk -v member="$1" -v heading="$2" '
		NR == 1 { for (at = 1; at <= NF; at++) if ($at == heading) column = at }
		$1 == member || index($1, member ":") == 1 || index($1, "[" member "]:") == 1 {
			print $column
			exit
		}'
}

# member_state MEMBER: up, down or unknown.
member_state() { member_field "$1" STATE; }

member_is() { [ "$(member_state "$1")" = "$2" ]; }

# drop_count REASON: of all workers and ports together.
drop_count()
{
	cli show drops | awk -v name="$1" '$1 == name { n += $2 } END { print n + 0 }'
}

# counter NAME: of all workers together.
counter() { cli show counters | awk -v name="$1" '$1 == name { print $2 }'; }

# The counters reach the shared file within a moment, not at once.
# drop_grew REASON FROM BY, counter_grew NAME FROM BY
drop_grew() { [ "$(drop_count "$1")" -ge $(($2 + $3)) ]; }
counter_grew() { [ "$(counter "$1")" -ge $(($2 + $3)) ]; }

all_members_up()
{
	cli show pools | awk 'NR > 1 { n++; up += $2 == "up" } END { exit !(n && up == n) }'
}

pid_of() { cut -d' ' -f1 "$state_dir/$1.pid"; }

# Without a word, as a crash. What it held (a lock, huge pages, queues) is free once the last of its threads is gone.
kill_hard()
{
	local pid
	pid=$(pid_of "$1")
	kill -KILL "$pid"
	wait_until 10 no_thread_is_left "$pid"
}

no_thread_is_left()
{
	[ ! -e "/proc/$1/task" ] || { grep -qs '^State:.Z' "/proc/$1/status" && [ "$(ls "/proc/$1/task" | wc -l)" -le 1 ]; }
}

resident_kb() { sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$(pid_of "$1")/status"; }

# Traffic that must not notice what a test does: one request every 50 ms.
# background_start KIND; background_failures ends it and prints how many failed.
background_start()
{
	(
		trap 'exit 0' TERM
		while :; do
			get "$1" / -m 3 >/dev/null 2>&1 && echo ok || echo failed
			sleep 0.05
		done
	) >"$tmp/background" &
	background=$!
}

background_failures()
{
	kill "$background"
	wait "$background" || :
	grep -q ok "$tmp/background" || { echo all; return; }
	grep -c failed "$tmp/background" || :
}

# snmp TOOL ADDRESS ARGUMENTS: from fl-mgmt, with the MIB of this build.
snmp()
{
	local tool=$1 address=$2
	shift 2

	in_ns mgmt env MIBDIRS="$(echo /usr/lib/erlang/lib/snmp-*/mibs)" MIBS="$bin/FAIRLEAD-MIB" \
		"$tool" -v2c -c public -t 2 -r 1 -OU "$address" "$@"
}

load_default() { cli load "$lab/default.conf" >/dev/null; }
