#!/bin/bash
# What `make run` does: brings the lab up and shows the box at work.
#
# On a terminal: traffic flows in the background and the command line is yours; leaving
# it ends the lab. Without one: a demonstration that checks itself, in four acts -
# balance, one server stops, go on without it, it returns - and ends 0 if all held.
set -euo pipefail

lab_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ -e /etc/fairlead-sdk ] || exec "$lab_dir/../../images/sdk/enter.sh" "$lab_dir/demo.sh" "$@"
. "$lab_dir/common.sh"

fall_s=2				# default.conf: interval 1 s, fall 2
table= wrong=0

main()
{
	"$lab_dir/lab.sh" up
	tmp=$(mktemp -d)
	trap 'code=$?; trap - EXIT; rm -rf "$tmp"; "$lab_dir/lab.sh" down; exit $code' EXIT
	trap 'exit 130' TERM HUP
	if [ -t 0 ]; then
		interactive
	else
		trap 'exit 130' INT
		demonstration
	fi
}

interactive()
{
	trap : INT
	trickle &
	trickle_pid=$!
	echo "A request flows every 200 ms. Try: show pools, show ledger, drain member, configure; ? lists what may come next, exit ends the lab."
	"$lab_dir/cli.sh" || :
	kill "$trickle_pid" 2>/dev/null || :
}

trickle()
{
	trap - EXIT
	while sleep 0.2; do
		in_ns client curl -g -s -m 5 -o /dev/null -o /dev/null http://10.0.0.100/1k http://[fd00::100]/ || :
	done
}

demonstration()
{
	echo "Act 1: three servers"
	act "http, IPv4" http://10.0.0.100 300 even
	act "http, IPv6" http://[fd00::100] 150 even
	act "tcp, IPv4" http://10.0.0.101 150 all
	act "tcp, IPv6" http://[fd00::101] 150 all

	echo "Act 2: server2 stops"
	"$lab_dir/lab.sh" server stop 2
	until_member down $((fall_s + 3))

	echo "Act 3: two servers, no request may fail"
	act "http, server2 down" http://10.0.0.100 300 without-server2
	act "tcp, server2 down" http://10.0.0.101 150 without-server2

	echo "Act 4: server2 returns"
	"$lab_dir/lab.sh" server start 2
	until_member up $((fall_s + 3))
	act "http, server2 back" http://10.0.0.100 300 even
	distribution
	[ $wrong = 0 ] || { echo "FAILED: $wrong checks did not hold"; exit 1; }
	echo "All checks held."
}

# act TITLE URL N EXPECTATION: N requests, four at a time, half of them each on a
# connection of its own; every status and every answering server is looked at.
act()
{
	local title=$1 url=$2 n=$3 expect=$4 seen=$tmp/seen good s count=()

	requests "$url/?[1-$((n / 2))]" >"$seen.kept" &
	requests "$url/?[1-$((n / 2))]" -H "Connection: close" >"$seen"
	wait $!
	cat "$seen.kept" >>"$seen"
	good=$(grep -c '^200 server[123]$' "$seen" || :)
	for s in 1 2 3; do
		count[s]=$(grep -c "^200 server$s\$" "$seen" || :)
	done
	table+=$(printf '%-20s %8d %8d %8d %8d %8d' "$title" "$n" "${count[@]}" $((n - good)))$'\n'
	[ "$good" = "$n" ] || problem "$title: $((n - good)) of $n requests failed"
	case $expect in
	even)	# a third each, give or take a tenth of all
		for s in 1 2 3; do
			[ $((count[s] * 30)) -ge $((n * 7)) ] && [ $((count[s] * 30)) -le $((n * 13)) ] ||
				problem "$title: server$s answered ${count[s]} of $n requests"
		done ;;
	all)	# type tcp balances connections, and half of the requests share two
		for s in 1 2 3; do
			[ $((count[s] * 10)) -ge "$n" ] ||
				problem "$title: server$s answered ${count[s]} of $n requests"
		done ;;
	without-server2)
		[ "${count[2]}" = 0 ] || problem "$title: the stopped server2 answered ${count[2]} requests" ;;
	esac
}

# requests URL-PATTERN [curl options]: a line "status server" for each.
requests()
{
	local url=$1
	shift

	in_ns client curl -sS -m 60 --parallel --parallel-max 2 -o /dev/null "$@" \
		-w '%{http_code} %header{x-server}\n' "$url" 2>>"$tmp/errors" || :
}

problem()
{
	echo "  problem: $*"
	wrong=$((wrong + 1))
}

# While we wait requests go on; those that meet the stopped server before the monitor
# has noticed may fail, and are counted apart.
until_member()
{
	local want=$1 limit=$2 start=$SECONDS failed=0 sent=0 end=$((SECONDS + $2))

	until member_is "$want"; do
		if [ $SECONDS -ge $end ]; then
			problem "the monitor did not find server2 $want within $limit s"
			break
		fi
		sent=$((sent + 1))
		in_ns client curl -s -f -m 3 -o /dev/null http://10.0.0.100/ || failed=$((failed + 1))
		sleep 0.05
	done
	echo "  the monitor found server2 $want after $((SECONDS - start)) s ($sent requests meanwhile, $failed failed)"
}

member_is()
{
	"$bin/fairlead" --run-dir "$run_dir" show pools |
		awk -v want="$1" '$1 ~ /^(10\.0\.1\.12|\[fd00:1::12\]):80$/ { n++; is += $2 == want } END { exit !(n && is == n) }'
}

distribution()
{
	printf '\n%-20s %8s %8s %8s %8s %8s\n' "" requests server1 server2 server3 failed
	printf '%s\n' "$table"
}

main
