# 1,000 connections of real kernels through the appliance in each order of closing: by either side first, both at once,
# half-closed with data the other way, reset by either side, abandoned. Afterwards its pools are as before.
# LIMIT: 200
. "$(dirname "$0")/../lib.sh"

conns=1000
peer=$lab/close_peer.py

# used NAME: of `show memory`
used()
{
	cli show memory | awk -v name="$1" '
		NR == 1 { for (at = 1; at <= NF; at++) if ($at == "USED") column = at }
		$1 == name { print $column }'
}
none_under_way() { [ "$(used sessions)" = 0 ] && [ "$(used tcp_records)" = 0 ]; }
none_left() { [ "$(used tcp_conns)" = 0 ] && [ "$(used conns)" = 0 ]; }

if ! cli load "$tests_dir/close.conf" >"$tmp/said" 2>&1; then
	fail close_configuration_loads "$(cat "$tmp/said")"
	exit
fi
ip netns exec fl-server1 python3 "$peer" serve 10.0.1.11 7010 &
server=$!
# What earlier tests have left ends by the idle timeout of a minute, and TIME-WAIT behind it.
check close_appliance_is_idle_before wait_until 95 none_left
buffers_before=$(used packet_buffers)
wait_until 5 client python3 "$peer" run c 10.0.0.103 7010 1 >/dev/null

for order in c:client_first s:server_first b:both_at_once r:client_resets q:server_resets; do
	name=close_${order#*:}
	equal "${name}_is_seen_by_both" "right $conns" "$(client python3 "$peer" run "${order%%:*}" 10.0.0.103 7010 $conns)"
	check "${name}_leaves_no_session" wait_until 5 none_under_way
done

# A client of 1,000 connections that is cut off and never says anything again.
ip -n fl-client addr add 10.8.9.1/32 dev lo
mkfifo "$tmp/hold"
# Not by a function: what is killed must be the program itself.
ip netns exec fl-client python3 "$lab/idle_clients.py" 10.8.9.1 10.0.0.103 7010 $conns <"$tmp/hold" >"$tmp/idle" &
idle=$!
exec 9>"$tmp/hold"
check abandoned_clients_connect wait_until 10 grep -qx "connected $conns" "$tmp/idle"
equal abandoned_clients_have_sessions $conns "$(used sessions)"
client nft -f - <<'N'
table inet cut {
	chain out { type filter hook output priority 0; ip saddr 10.8.9.1 drop; }
	chain in { type filter hook prerouting priority 0; ip daddr 10.8.9.1 drop; }
}
N
ended_before=$(counter tcp_keep_alive_timeouts)
kill -KILL $idle
wait $idle 2>/dev/null
check abandoned_clients_are_noticed wait_until 10 counter_grew tcp_keep_alive_timeouts "$ended_before" $conns
check abandoned_clients_leave_no_session wait_until 5 none_under_way
exec 9>&-
client nft delete table inet cut
ip -n fl-client addr del 10.8.9.1/32 dev lo

check close_orders_leave_nothing_after_time_wait wait_until 40 none_left
buffers=$(used packet_buffers)
[ "$buffers" -le $((buffers_before + 64)) ] && ok close_orders_leave_no_buffers ||
	fail close_orders_leave_no_buffers "$buffers used, before $buffers_before"
kill $server
wait $server 2>/dev/null
load_default
check close_members_are_up_again wait_until 8 all_members_up
exit $failures
