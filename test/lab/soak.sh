#!/bin/bash
# make soak: traffic of all kinds for MINUTES, while the configuration changes all the time and members and links fail; then
# everything comes to rest and is judged. Nothing may have leaked, no request may have failed that nothing excuses, and all
# who count must agree: the box's figures among themselves, over SNMP, and with what each client has counted itself.
#
# MINUTES=60; SEED= has the same changes in the same order; EVENTS= some of them ("commit killed ...").
#
# What excuses a failed request: a member killed, reset, cut off or stalled, or a link down, from then until EXCUSE_S after
# its end. Changes of the configuration, drained and disabled members and servers that leave in order excuse nothing.
set -uo pipefail

lab_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ -e /etc/fairlead-sdk ] || exec "$lab_dir/../../images/sdk/enter.sh" env V="${V:-}" MINUTES="${MINUTES:-}" SEED="${SEED:-}" \
	WORKERS="${WORKERS:-}" EVENTS="${EVENTS:-}" "$lab_dir/soak.sh"
. "$lab_dir/lib.sh"

minutes=${MINUTES:-60}
RANDOM=${SEED:-1}
event_s=4
excuse_s=15		# the monitor's fall, and what clients try again
rest_s=120		# kept connections, TIME-WAIT, FIN-WAIT-2 and idle timeouts are over by then
grown_kb=512		# last third against the middle one
samples=$tmp/samples

main()
{
	local end minute=0 i

	rm -f "$out_lab"/server?/error.log	# of other runs
	configuration 0 >"$tmp/0.conf"
	FL_ACCESS_LOG=off CONFIG=$tmp/0.conf "$lab/lab.sh" up >/dev/null ||
		{ echo "FAIL soak_lab_up: it does not start"; exit 1; }
	trap 'clients_stop; rm -rf "$tmp"; "$lab/lab.sh" down' EXIT
	trap 'exit 130' INT TERM HUP
	check soak_members_come_up wait_until 15 all_members_up
	note_before
	clients_start
	end=$((SECONDS + minutes * 60)) began=$SECONDS
	while [ $SECONDS -lt $end ]; do
		event
		for ((i = 0; i < event_s; i++)); do sleep 1; done
		sample
		[ $((SECONDS - began)) -lt $(((minute + 1) * 60)) ] || { minute=$(((SECONDS - began) / 60)); line $minute; }
	done
	put_right
	clients_stop
	judge_clients
	judge_rest
	judge_memory
	judge_counts
	judge_drops
	judge_processes
	summary
	[ $failures = 0 ]
}

# ---- the configuration: what is counted exactly is in all of them ----

# configuration 0|drawn: 0 is what it begins with.
configuration()
{
	local method=round-robin profile= extra= six=

	if [ "$1" != 0 ]; then
		one_of round-robin least-connections random-of-two source-hash maglev
		method=$one
		one_of "" "" 'tcp-profile = "lan";' 'tcp-profile = "wan";'
		profile=$one
		one_of "" http tcp
		extra=${one:+{ name = \"extra\"; address = \"10.0.0.150\"; port = 80; type = \"$one\"; pool = \"web\"; \},}
	fi
	cat <<-END
	version = 1;
	ports = ( { name = "p0"; addresses = [ "10.0.0.1/24", "fd00::1/64" ]; },
		{ name = "p1"; addresses = [ "10.0.1.1/24", "fd00:1::1/64" ]; } );
	routes = ( { to = "0.0.0.0/0"; via = "10.0.0.2"; }, { to = "::/0"; via = "fd00::2"; } );
	monitors = ( { name = "web-up"; type = "http"; path = "/"; interval-ms = 1000; fall = 2; rise = 2; } );
	tcp-profiles = ( { name = "lan"; delayed-ack-ms = 0; congestion-control = "newreno"; },
		{ name = "wan"; receive-buffer-bytes = 262144; pacing = true; nagle = true; keep-alive-idle-ms = 2000; } );
	pools = (
	END
	for six in "" 6; do
		members 0 "$six"
		echo "{ name = \"steady$six\"; monitor = \"web-up\"; members = ( $list ); },"
		members "$1" "$six"
		echo "{ name = \"web$six\"; method = \"$method\"; monitor = \"web-up\"; $profile members = ( $list ); }"
		[ -n "$six" ] || echo ","
	done
	cat <<-END
	);
	virtual-servers = (
		{ name = "www"; address = "10.0.0.100"; port = 80; type = "http"; pool = "web"; $profile },
		{ name = "www6"; address = "fd00::100"; port = 80; type = "http"; pool = "web6"; $profile },
		{ name = "raw"; address = "10.0.0.101"; port = 80; type = "tcp"; pool = "web"; $profile },
		{ name = "raw6"; address = "fd00::101"; port = 80; type = "tcp"; pool = "web6"; $profile },
		$extra
		{ name = "rude"; address = "10.0.0.114"; port = 80; type = "http"; pool = "web"; idle-timeout-ms = 3000; },
		{ name = "pipe"; address = "10.0.0.113"; port = 80; type = "http"; pool = "web"; $profile },
		{ name = "steady"; address = "10.0.0.110"; port = 80; type = "http"; pool = "steady"; },
		{ name = "steady6"; address = "fd00::110"; port = 80; type = "http"; pool = "steady6"; }
	);
	END
}

# members 0|drawn 6|"": in $list, 0: all; drawn: two or three, with weights.
members()
{
	local i left=$((RANDOM % 4)) base=10.0.1.1 weight=1

	list=
	[ -z "$2" ] || base=fd00:1::1
	for i in $servers; do
		[ "$1" = 0 ] || weight=$((RANDOM % 5 + 1))
		[ "$1" = 0 ] || [ $i != $left ] || continue
		list="$list${list:+, }{ address = \"$base$i\"; port = 80; weight = $weight; }"
	done
}

# In $one: a process of its own would draw numbers of its own.
one_of()
{
	local all=("$@")
	one=${all[RANDOM % $#]}
}

# ---- clients: what each has seen goes to a file of its own, a line a request, "TIME ok|failed ..." ----

clients_start()
{
	local what

	for what in counted pipelined download upload slow paced rude; do
		: >"$tmp/$what.log"
		"client_$what" 2>/dev/null &
	done
}

clients_stop()
{
	touch "$tmp/stop"
	wait
}

going_on() { [ ! -e "$tmp/stop" ]; }

# said WHAT STATUS WHY: what a request has come to.
said() { echo "$EPOCHSECONDS $([ "$2" = 0 ] && echo ok || echo "failed ${*:2}")" >>"$tmp/$1.log"; }

# Each with a connection of its own, and counted to the byte: TIME ok|failed FAMILY CONNECTIONS BYTES-OUT BYTES-IN
client_counted()
{
	local family line
	local -A at=([4]=http://10.0.0.110 [6]=http://[fd00::110])

	while going_on; do
		for family in 4 6; do
			one_of / /1k /1k /10k /100k /missing
			line=$(client curl -g -s -o /dev/null -m 10 "${at[$family]}$one" -w \
				'%{http_code} %{num_connects} %{size_request} %{size_upload} %{size_header} %{size_download}')
			echo "$EPOCHSECONDS $? $family $line" | awk '{
				right = $2 == 0 && ($4 == 200 || $4 == 404)
				print $1, right ? "ok" : "failed", $3, $5, $8 + $9, $6 + $7, $2, $4 }' >>"$tmp/counted.log"
		done
		sleep 0.05
	done
}

# Kept connections, several requests under way on each: TIME ok|failed STARTED SUCCEEDED 2XX-TO-5XX
client_pipelined()
{
	while going_on; do
		one_of 1k 1k 10k
		client timeout 60 h2load --h1 -n 2000 -c 16 -m 4 "http://10.0.0.113/$one" >"$tmp/h2load" 2>&1
		awk -v now=$EPOCHSECONDS '
			$1 == "requests:" { started = $4; good = $8; bad = $10 + $12 + $14 }
			$1 == "status" { answered = $3 + $5 + $7 + $9 }
			END { print now, started && !bad ? "ok" : "failed", started + 0, good + 0, answered + 0 }' "$tmp/h2load" >>"$tmp/pipelined.log"
		sleep 0.1
	done
}

client_download()
{
	local kind

	while going_on; do
		one_of $kinds
		kind=$one
		[ "$(download_sha "$kind" 1m 10 2>/dev/null)" = "$(sha_of 1m)" ]
		said download $? $kind
		sleep 0.2
	done
}

client_upload()
{
	local kind

	while going_on; do
		one_of $kinds
		kind=$one
		upload_is_whole $kind "$out_lab/www/1m" soak 10 2>/dev/null
		said upload $? $kind
		sleep 0.3
	done
}

# Reads for half a minute, through many changes of the configuration: it is hurt by none.
client_slow()
{
	local kind

	while going_on; do
		one_of $kinds
		kind=$one
		[ "$(client curl -g -s -f -m 60 --limit-rate 300k "${url[$kind]}/10m" | sha256sum | cut -d' ' -f1)" = "$(sha_of 10m)" ]
		said slow $? $kind
	done
}

# Ten that rest between requests on kept connections.
client_paced()
{
	while going_on; do
		one_of 10.0.0.100 fd00::100
		client "$lab/paced_client.py" $one 80 GET 10 20 500 0 >"$tmp/paced"
		[ "$(cat "$tmp/paced")" = "200 200" ]
		said paced $? "$(tr '\n' ' ' <"$tmp/paced")"
	done
}

# What is nobody's failure but the client's: leaves in the middle, says nothing, says rubbish, which each time is answered with
# 400 twice: once to be heard by one who listens.
client_rude()
{
	local at=TCP:10.0.0.114:80

	while going_on; do
		client curl -s -m 0.2 -o /dev/null http://10.0.0.114/100m
		client curl -s -m 0.2 -o /dev/null -T "$out_lab/www/10m" --limit-rate 100k http://10.0.0.114/upload/rude
		client timeout 2 socat -u OPEN:/dev/zero,readbytes=100000 $at
		printf 'GET / HTTP/1.1\r\nHost' | client timeout 0.3 socat -u - $at
		printf 'GET / HTTP/1.1\r\nHost : x\r\n\r\n' | client timeout 2 socat -t 1 - $at >"$tmp/told"
		grep -aq '^HTTP/1.1 400' "$tmp/told"
		said rude $? "$(head -c 30 "$tmp/told" | tr -d '\r\n')"
		client ping -c 1 -W 1 10.0.0.114
		client curl -s -m 1 -o /dev/null http://10.0.0.150/1k
		client curl -s -m 1 -o /dev/null http://10.0.0.114:81/
	done >/dev/null
}

# ---- what changes meanwhile ----

events=${EVENTS:-commit commit commit commit commit edit edit drain disable refused in_order killed reset cut_off stalled link_down walk capture}
declare -A happened

event()
{
	local name

	one_of $events
	name=$one
	happened[$name]=$((${happened[$name]:-0} + 1))
	"event_$name"
}

# excused: requests may fail from now on for a while.
excused() { echo "$EPOCHSECONDS" >>"$tmp/excused"; }

event_commit()
{
	configuration drawn >"$tmp/next.conf"
	cli load "$tmp/next.conf" >"$tmp/said" 2>&1 || fail soak_commit "$(tail -n 2 "$tmp/said" | tr '\n' ' ')"
}

# A virtual server with a pool of its own comes and goes while it is asked.
event_edit()
{
	cli >"$tmp/said" 2>&1 <<-END || fail soak_edit "$(tail -n 2 "$tmp/said" | tr '\n' ' ')"
	configure
	set pool blue method maglev monitor web-up member 10.0.1.11:80
	set pool blue member 10.0.1.12:80
	set virtual-server blue address 10.0.0.151 port 80 type http pool blue
	commit
	END
	client timeout 1 curl -s -o /dev/null --limit-rate 1m http://10.0.0.151/10m &
	sleep 0.3
	cli >"$tmp/said" 2>&1 <<-END || fail soak_edit "$(tail -n 2 "$tmp/said" | tr '\n' ' ')"
	configure
	delete virtual-server blue
	delete pool blue
	commit
	END
}

event_refused()
{
	sed 's/pool = "steady"/pool = "nobody"/' "$tmp/0.conf" >"$tmp/bad.conf"
	! cli load "$tmp/bad.conf" >/dev/null 2>&1 || fail soak_bad_configuration_refused "it was taken"
}

event_drain() { member_without_traffic drain; }
event_disable() { member_without_traffic disable; }

# It may not be in this configuration.
member_without_traffic()
{
	local which

	one_of $servers
	which=${socket[$one]}
	cli "$1" member web $which >/dev/null 2>&1
	sleep 2
	cli enable member web $which >/dev/null 2>&1
}

# nginx ends its kept connections and refuses new ones; a body under way is sent to its end.
event_in_order()
{
	local i

	one_of $servers
	i=$one
	kill -QUIT "$(pid_of server$i)"
	wait_until 45 process_is_gone server$i || { excused; kill -KILL $(nginx_of $i); }
	sleep 1
	server_back $i
}

event_killed()
{
	local i

	one_of $servers
	i=$one
	excused
	kill -KILL $(nginx_of $i)
	sleep 4
	server_back $i
	excused
}

event_reset() { at_the_door "reject with tcp reset"; }
event_cut_off() { at_the_door drop; }

# at_the_door VERDICT: of each packet to a server, for some seconds.
at_the_door()
{
	local i

	one_of $servers
	i=$one
	excused
	in_ns server$i nft -f - <<-END || fail soak_nft "no rule"
	table inet soak {
		chain in {
			type filter hook input priority 0; policy accept;
			tcp dport 80 $1
		}
	}
	END
	sleep 4
	in_ns server$i nft delete table inet soak
	excused
}

event_stalled()
{
	local i pids

	one_of $servers
	i=$one
	pids=$(nginx_of $i)
	excused
	kill -STOP $pids
	sleep 4
	kill -CONT $pids
	excused
}

event_link_down()
{
	excused
	ip -n fl-box link set p1 down
	sleep 1
	ip -n fl-box link set p1 up
	excused
}

event_walk() { snmp snmpbulkwalk 10.0.9.1 FAIRLEAD-MIB::fairleadMIB >/dev/null 2>&1 || fail soak_snmp_walk "no answer"; }

event_capture()
{
	timeout 3 "$bin/fairlead" --run-dir "$run_dir" trace packet "host 10.0.0.100" 50 >/dev/null 2>&1
	timeout 3 "$bin/fairlead" --run-dir "$run_dir" capture "tcp port 80" /dev/null count 100 >/dev/null 2>&1
}

nginx_of() { ip netns pids "fl-server$1" | while read -r pid; do [ "$(cat /proc/$pid/comm)" != nginx ] || echo $pid; done; }
process_is_gone() { ! kill -0 "$(pid_of "$1")" 2>/dev/null; }

server_back()
{
	rm -f "$state_dir/server$1.pid"
	FL_ACCESS_LOG=off "$lab/lab.sh" server start "$1" >"$tmp/said" 2>&1 || fail soak_server "server$1 does not start: $(tail -n 2 "$tmp/said")"
}

put_right()
{
	cli load "$tmp/0.conf" >/dev/null || fail soak_first_configuration "refused"
	check soak_members_are_back wait_until 20 all_members_up
	sleep 3
}

# ---- samples ----

# TIME and what each process has, in kB
sample() { echo "$SECONDS $(resident_kb dataplane) $(resident_kb mgmtd) $(resident_kb snmp)" >>"$samples"; }

line()
{
	echo "minute $1: $(counter http_requests) requests, $(counter sessions_open) sessions, $(counter tcp_conns_open) connections," \
		"$(cli show drops | awk 'NR > 1 { n += $2 } END { print n + 0 }') drops," \
		"$(cat "$tmp"/{counted,pipelined,download,upload,slow,paced}.log | awk '$2 == "ok" { ok++ } $2 != "ok" { bad++ } END {
			print ok + 0 " good and " bad + 0 " failed pieces" }')," \
		"generation $(cli show version | awk '$1 == "generation" { print $2 }')," \
		"kB resident $(tail -n 1 "$samples" | cut -d' ' -f2- | tr ' ' '/')"
}

# used POOL
used()
{
	cli show memory | awk -v name="$1" '
		NR == 1 { for (at = 1; at <= NF; at++) if ($at == "USED") column = at }
		$1 == name { print $column }'
}

pools() { cli show memory | awk 'NR > 1 { print $1 }'; }
descriptors() { ls "/proc/$(pid_of "$1")/fd" | wc -l; }
generations() { ls "$run_dir/config" | grep -c '^[0-9]*$'; }

declare -A before

note_before()
{
	local name

	check soak_snmp_answers wait_until 20 snmp snmpget 10.0.9.1 FAIRLEAD-MIB::fairleadGeneration.0
	event_walk
	event_capture
	for name in dataplane mgmtd snmp; do
		before[$name.fds]=$(descriptors $name)
		before[$name.pid]=$(pid_of $name)
		before[$name.started]=$(sed 's/.*) //' "/proc/$(pid_of $name)/stat" | cut -d' ' -f20)
	done
	for name in $(pools); do before[$name]=$(used $name); done
	sample
}

# ---- judges ----

# A failure counts if its time is in no excuse. A piece that ends in one may have met it before: pieces last a minute at most.
judge_clients()
{
	local what

	touch "$tmp/excused"
	for what in counted download upload slow paced pipelined; do
		check soak_${what}_client_has_worked grep -q ' ok' "$tmp/$what.log"
		equal soak_no_${what}_request_fails_without_excuse "" "$(unexcused $what | head -n 3 | tr '\n' ';')"
	done
	equal soak_each_malformed_request_is_told_so "" "$(grep -v ' ok' "$tmp/rude.log" | head -n 3 | tr '\n' ';')"
}

# Times of failures are those of their ends.
unexcused()
{
	local lasts_s=10

	case $1 in slow | pipelined) lasts_s=60 ;; paced) lasts_s=30 ;; esac
	awk -v grace=$((excuse_s + lasts_s)) '
		FILENAME == ARGV[1] { from[++n] = $1; next }
		$2 != "ok" {
			for (i = 1; i <= n; i++)
				if ($1 >= from[i] && $1 <= from[i] + grace)
					next
			print
		}' "$tmp/excused" "$tmp/$1.log"
}

conns_left() { echo $(($(used tcp_conns) - before[tcp_conns])); }

is_at_rest()
{
	sleep 1
	[ "$(used sessions)" = 0 ] && [ "$(used tcp_records)" -le 4 ] && [ "$(conns_left)" -le 12 ]
}

# Probes go on: what they hold differs from one moment to the next.
judge_rest()
{
	local name slack

	wait_until $rest_s is_at_rest || fail soak_comes_to_rest "after $rest_s s $(used sessions) sessions, $(conns_left) connections are left"
	for name in $(pools); do
		slack=12
		[ $name != packet_buffers ] || slack=64		# bursts that wait in the drivers
		[ $name != sessions ] || slack=0
		check soak_no_${name}_are_left test "$(used $name)" -le $((before[$name] + slack))
	done
	equal soak_nobody_is_in_an_old_generation 0 "$(of generations "" "" SESSIONS)"
	between soak_old_generations_are_gone 1 "$(generations)" 11	# what rollback reaches
}

judge_memory()
{
	local name column=2 grew

	for name in dataplane mgmtd snmp; do
		grew=$(growth_kb $column)
		[ "$grew" -le $grown_kb ] && ok soak_${name}_does_not_grow ||
			fail soak_${name}_does_not_grow "by $grew kB from the middle third to the last"
		check soak_${name}_has_no_more_descriptors test "$(descriptors $name)" -le $((before[$name.fds] + 2))
		column=$((column + 1))
	done
}

# growth_kb COLUMN: the mean of the last third of samples beyond that of the middle third.
growth_kb()
{
	awk -v column="$1" '
		{ value[NR] = $column }
		END {
			third = int(NR / 3)
			for (i = 1; i <= third; i++) {
				last += value[NR + 1 - i]
				middle += value[NR + 1 - third - i]
			}
			printf "%d\n", third ? (last - middle) / third : 0
		}' "$samples"
}

# of VIRTUAL-SERVER|POOL... HEADING...: sums of columns.
of()
{
	local table=$1 where=$2 value=$3 heading=$4

	cli show "$table" | awk -v where="$where" -v value="$value" -v heading="$heading" '
		NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		value == "" || $at[where] == value { n += $at[heading] }
		END { print n + 0 }'
}

server() { of virtual-servers NAME "$1" "$2"; }
pool() { of pools POOL "$1" "$2"; }
in_snmp() { snmp snmpbulkwalk 10.0.9.1 -Oqv "FAIRLEAD-MIB::$1" | awk '{ n += $1 } END { print n + 0 }'; }

# between NAME LEAST VALUE MOST
between() { [ "$2" -le "$3" ] && [ "$3" -le "$4" ] && ok "$1" || fail "$1" "$3 is not from $2 to $4"; }

judge_counts()
{
	local again requests

	sleep 1.5		# figures are a moment old
	again=$(($(counter members_tried_again) + $(counter http_requests_replayed)))
	judge_counted steady 4 $again
	judge_counted steady6 6 $again
	read -r started succeeded < <(awk '{ started += $3; answered += $5 } END { print started + 0, answered + 0 }' "$tmp/pipelined.log")
	between soak_pipelined_requests_are_all_counted $succeeded "$(server pipe REQUESTS)" $started
	between soak_pipelined_answers_are_all_counted $succeeded "$(answers pipe)" $started
	judge_answers www www6 pipe rude
	equal soak_malformed_requests_are_counted "$(malformed_of rude)" "$(server rude 4XX)"
	equal soak_virtual_servers_open_nothing 0 "$(server "" OPEN)"
	equal soak_members_have_kept_connections_only "$(counter http_server_conns_kept)" "$(pool "" OPEN)"
	equal soak_no_session_is_open 0 "$(counter sessions_open)"
	equal soak_no_member_has_sessions 0 "$(pool "" SESSIONS)"
	between soak_connections_open_are_those_that_are_there $(($(used tcp_conns) - 12)) "$(counter tcp_conns_open)" $(($(used tcp_conns) + 12))
	requests=$(server "" REQUESTS)
	between soak_virtual_servers_add_up $requests "$(counter http_requests)" $((requests + $(gone)))
	equal soak_requests_agree_in_snmp $requests "$(in_snmp virtualServerRequests)"
	equal soak_member_requests_agree_in_snmp "$(pool "" REQUESTS)" "$(in_snmp memberRequests)"
	# Each request accepted has one end: a response to its end, an answer of our own, or its session broke off.
	between soak_requests_have_an_end_each "$(counter http_requests)" \
		$(($(counter http_responses) + $(counter http_requests_refused) + $(counter sessions_aborted))) \
		$(($(counter http_requests) + $(server "" 4XX) + $(counter sessions_aborted)))
}

# What virtual servers that came and went took with them: they were asked once in a while.
gone() { echo $((4 * (${happened[edit]:-0} + ${happened[commit]:-0}) + $(grep -c . "$tmp/rude.log"))); }

answers() { echo $(($(server $1 2XX) + $(server $1 3XX) + $(server $1 4XX) + $(server $1 5XX))); }

malformed_of() { [ $1 = rude ] && echo $((2 * $(grep -c . "$tmp/rude.log"))) || echo 0; }

# judge_answers VIRTUAL-SERVER...: as many as requests, but for those whose session broke off before.
judge_answers()
{
	local name requests aborted malformed

	for name in "$@"; do
		requests=$(server $name REQUESTS) aborted=$(server $name ABORTED)
		malformed=$(malformed_of $name)
		between soak_${name}_answers_are_those_of_its_requests $((requests + malformed - aborted)) "$(answers $name)" $((requests + malformed))
	done
}

# judge_counted VIRTUAL-SERVER FAMILY AGAIN: to the byte, unless some failed: nobody knows how far those came.
judge_counted()
{
	local name=$1 conns bytes_out bytes_in failed requests

	read -r conns bytes_out bytes_in failed < <(awk -v family="$2" '
		$3 == family { conns += $4; out += $5; in_ += $6; failed += $2 != "ok"; n++ }
		END { printf "%d %d %d %d\n", conns, out, in_, failed }' "$tmp/counted.log")
	requests=$(grep -c "^[0-9]* [a-z]* $2 " "$tmp/counted.log")
	between soak_${name}_connections_are_its_clients $conns "$(server $name TOTAL)" $((conns + failed))
	between soak_${name}_requests_are_its_clients $((requests - failed)) "$(server $name REQUESTS)" $requests
	between soak_${name}_answers_are_its_clients $((requests - failed)) "$(answers $name)" $requests
	between soak_${name}_bytes_in_are_its_clients $((bytes_in - 200 * failed)) "$(server $name BYTES-IN)" $((bytes_in + 200 * failed))
	# (answers of our own have no bytes there)
	between soak_${name}_bytes_out_are_its_clients $((bytes_out - 200 * failed)) "$(server $name BYTES-OUT)" $((bytes_out + 110000 * failed))
	between soak_${name}_members_add_up $(($(server $name REQUESTS) - $(server $name REFUSED))) "$(pool $name REQUESTS)" \
		$(($(server $name REQUESTS) + $3))
}

# What these clients, these failures and a kernel's neighbours can bring about; all else is a fault of somebody.
harmless="port_error port_tx_full eth_not_for_us eth_type_unknown arp_not_for_us arp_unsolicited nd_not_for_us nd_unsolicited
	neighbour_queue_full neighbour_unreachable ip_not_for_us ip_protocol_unknown ip_extension_header icmp_type_unknown
	icmp_error_unmatched icmp_rate_limited tcp_no_listener tcp_no_connection tcp_sequence tcp_duplicate tcp_after_close tcp_time_wait
	tcp_ack_unacceptable tcp_reset_inexact tcp_paws tcp_syn_in_window"

judge_drops()
{
	equal soak_no_packet_is_dropped_that_should_not_be "" "$(cli show drops | awk -v known=" $(echo $harmless) " '
		NR > 1 && $2 > 0 && !index(known, " " $1 " ") { print $1 "=" $2 }' | tr '\n' ' ')"
}

judge_processes()
{
	local name

	for name in dataplane mgmtd snmp; do
		equal soak_${name}_was_not_restarted "${before[$name.pid]} ${before[$name.started]}" \
			"$(pid_of $name) $(sed 's/.*) //' "/proc/$(pid_of $name)/stat" 2>/dev/null | cut -d' ' -f20)"
		equal soak_${name}_says_nothing_strange "" "$(strange_of $name | head -n 3 | tr '\n' ';')"
	done
	equal soak_servers_got_no_malformed_request "" "$(grep -h 'client sent' "$out_lab"/server?/error.log | head -n 2)"
}

strange_of() { grep -Ev "$usual" "$out_lab/$1.log"; }
usual='^EAL: No free .* hugepages|^MEMIF|ready$|link (up|down)|generation [0-9]+|AgentX master|the data plane runs|huge pages'
usual="$usual"'|running.conf is now what runs|bad.conf:.*there is no pool "nobody"'

summary()
{
	local what

	for what in counted pipelined download upload slow paced rude; do
		echo "note: $what: $(grep -c ' ok' "$tmp/$what.log") ok, $(grep -c failed "$tmp/$what.log") failed with an excuse"
	done
	echo "note: events:$(for what in "${!happened[@]}"; do printf ' %s %s' "$what" "${happened[$what]}"; done)"
	cli show drops | awk 'NR > 1 { print "note: drop", $1, $2 }'
	cp "$samples" "$out_lab/soak.samples"
	[ $failures = 0 ] && echo "soak: $minutes minutes, all is well" || echo "soak: $minutes minutes, $failures things are not right"
}

main
