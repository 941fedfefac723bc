# Two workers: the kernel spreads flows over the ports' queues by a hash of its own, so about half of all frames come to the
# wrong worker and are handed over. Nothing fails for it, and both have their share.
# LIMIT: 90
. "$(dirname "$0")/../lib.sh"

restart() # WORKERS
{
	"$lab/lab.sh" dataplane stop
	WORKERS=$1 "$lab/lab.sh" dataplane start
	wait_until 10 all_members_up
}

# field WORKER HEADING: of `show workers`.
field()
{
	cli show workers | awk -v worker="$1" -v heading="$2" '
		NR == 1 { for (at = 1; at <= NF; at++) if ($at == heading) column = at }
		$1 == worker { print $column }'
}

both_have() # HEADING
{
	[ "$(field 0 "$1")" -gt 0 ] && [ "$(field 1 "$1")" -gt 0 ]
}

# requests KIND N: each on a connection of its own; how many were answered.
requests()
{
	client curl -sS -m 30 --parallel --parallel-max 4 --no-keepalive -H 'Connection: close' -o /dev/null \
		-w '%{http_code}\n' "${url[$1]}/1k?[1-$2]" 2>/dev/null | grep -c '^200$'
}

check workers_two_start restart 2
equal workers_two_run 2 "$(cli show version | awk '$1 == "workers" { print $2 }')"
for kind in $kinds; do
	equal "workers_${kind}_each_request_is_answered" 200 "$(requests "$kind" 200)"
	equal "workers_${kind}_all_members_are_used" "server1 server2 server3" "$(servers_seen "$kind" 12)"
	equal "workers_${kind}_download_is_whole" "$(sha_of 10m)" "$(download_sha "$kind" 10m 60)"
	check "workers_${kind}_upload_is_whole" upload_is_whole "$kind" "$out_lab/www/10m" "workers-$kind" 60

	before=$(counter handoffs_taken)
	client wrk -t 1 -c 64 -d 3s --timeout 10s "${url[$kind]}/1k" >"$tmp/wrk" 2>&1 &
	wrk=$!
	check "workers_${kind}_both_have_connections" wait_until 3 both_have CONNECTIONS
	wait $wrk
	equal "workers_${kind}_wrk_no_socket_error" "" "$(grep 'Socket errors' "$tmp/wrk")"
	equal "workers_${kind}_wrk_no_bad_status" "" "$(grep 'Non-2xx' "$tmp/wrk")"
	check "workers_${kind}_frames_are_handed_over" counter_grew handoffs_taken "$before" 100
	echo "note: $kind $(grep Requests/sec "$tmp/wrk")"
done
check workers_ping_is_answered client ping -c 2 -W 2 10.0.0.1
check workers_ping6_is_answered client ping -c 2 -W 2 fd00::1
check workers_both_hand_over both_have HANDED-OVER
check workers_both_take both_have TAKEN
check workers_both_receive both_have RX-PACKETS
check workers_both_have_been_busy test "$(field 0 LOAD)" != 0.0% -a "$(field 1 LOAD)" != 0.0%
no_session_is_left() { [ "$(counter sessions_open)" = 0 ]; }
check workers_leave_no_session wait_until 5 no_session_is_left
cli show workers | sed 's/^/note: /'
check workers_as_before_start restart "${WORKERS:-1}"
