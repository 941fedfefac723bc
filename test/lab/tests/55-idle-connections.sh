# 100,000 idle client connections while wrk runs: nobody is turned away, none of them ends, and what one of them
# occupies is printed from `show memory`: each pool object, table entry and timer.
# LIMIT: 120
. "$(dirname "$0")/../lib.sh"

processes=6
each=16700 # a process may have 20,000 descriptors
total=$((processes * each))
aim_bytes=512

restart_dataplane()
{
	kill_hard dataplane
	FL_DATAPLANE_ARGS=$1 "$lab/lab.sh" dataplane start
	wait_until 5 get $http / -m 1 -o /dev/null
}

# memory NAME HEADING
memory()
{
	cli show memory | awk -v name="$1" -v heading="$2" '
		NR == 1 { for (at = 1; at <= NF; at++) if ($at == heading) column = at }
		$1 == name { print $column }'
}

sum_of() { awk -v word="$1" '$1 == word { n += $2 } END { print n + 0 }' "$tmp"/idle.*; }
all_said() { [ "$(grep -l "^$1 " "$tmp"/idle.* | wc -l)" = $processes ]; }

restart_dataplane "--conns 131072 --sessions 4096"
buffers_before=$(memory packet_buffers USED) # rings of the ports
mkfifo "$tmp/hold"
for ((i = 1; i <= processes; i++)); do
	ip -n fl-client addr add "10.8.0.$i/32" dev lo
	client python3 "$lab/idle_clients.py" "10.8.0.$i" 10.0.0.100 80 "$each" <"$tmp/hold" >"$tmp/idle.$i" &
	peers[i]=$!
done
exec 9>"$tmp/hold" # they hold their connections until this is closed
check idle_clients_have_all_tried wait_until 60 all_said connected
equal idle_connections_are_all_accepted $total "$(sum_of connected)"

conns=$(memory tcp_conns USED)
[ "$conns" -ge $total ] && ok idle_connections_are_held || fail idle_connections_are_held "the box has $conns"
client wrk -t 1 -c 64 -d 4 "${url[$http]}/1k" >"$tmp/wrk" 2>&1
if grep -q "Requests/sec" "$tmp/wrk" && ! grep -Eq "Socket errors|Non-2xx" "$tmp/wrk"; then
	ok idle_connections_do_not_disturb_wrk
else
	fail idle_connections_do_not_disturb_wrk "$(tr '\n' ' ' <"$tmp/wrk")"
fi

conn_bytes=$(memory tcp_conns BYTES-EACH)
owner_bytes=$(memory conns BYTES-EACH)
# Each worker's table has room for all of them; a connection pays for its share of one.
entry_bytes=$(($(memory tcp_buckets BYTES-EACH) * $(memory tcp_buckets CAPACITY) / ${WORKERS:-1} / $(memory tcp_buckets USED)))
flights=$(memory tcp_flights USED)
records=$(memory tcp_records USED)
buffers=$(($(memory packet_buffers USED) - buffers_before))
link_bytes=4 # of the pool's free list
one=$((conn_bytes + owner_bytes + entry_bytes + link_bytes))
echo "note: an idle side occupies $one bytes (aim $aim_bytes): TCP connection with timer $conn_bytes, its purpose with" \
	"timer $owner_bytes, table entries $entry_bytes, free list $link_bytes;" \
	"all $conns together use $flights flights, $records records, $buffers packet buffers"
[ $one -le $aim_bytes ] && ok idle_connection_is_small || fail idle_connection_is_small "$one bytes"
[ "$records" -lt 1000 ] && [ "$buffers" -lt 1000 ] && ok idle_connections_hold_no_buffers ||
	fail idle_connections_hold_no_buffers "$records records, $buffers buffers"

exec 9>&-
check idle_clients_have_ended wait_until 20 all_said alive
equal idle_connections_have_lived_on $total "$(sum_of alive)"
wait "${peers[@]}"
none_left() { [ "$(memory tcp_conns USED)" -lt 1000 ]; }
check idle_connections_leave_nothing_behind wait_until 10 none_left
for ((i = 1; i <= processes; i++)); do
	ip -n fl-client addr del "10.8.0.$i/32" dev lo
done
restart_dataplane ""
check idle_members_are_up wait_until 8 all_members_up
exit $failures
