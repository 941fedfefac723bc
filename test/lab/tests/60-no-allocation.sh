# A worker that reaches the C library's allocator is aborted (test/trap): all kinds of traffic, and it lives.
# LIMIT: 90
. "$(dirname "$0")/../lib.sh"

log=$out_lab/dataplane.log

restart() # [library]
{
	"$lab/lab.sh" dataplane stop
	FL_PRELOAD=${1:-} "$lab/lab.sh" dataplane start
	wait_until 5 all_members_up
}

refused()
{
	printf "$1" | client socat -t 2 - TCP:${host[100]}:80 2>/dev/null | grep -aq '^HTTP/1.1 [45]'
}

check trap_data_plane_starts restart "$bin/test/libtrap-malloc.so"
pid=$(pid_of dataplane)
# The members are known to be up from before; the workers say so a moment after the control thread serves.
armed() { [ "$(grep -o 'trap-malloc: armed' "$log" | wc -l)" = "${WORKERS:-1}" ]; }
check trap_is_armed_in_each_worker wait_until 5 armed

for kind in $kinds; do
	check "trap_${kind}_requests_answered" servers_seen "$kind" 6
	check "trap_${kind}_download_answered" get "$kind" /10m -o /dev/null
	check "trap_${kind}_upload_is_whole" upload_is_whole "$kind" "$out_lab/www/1m" "trap-$kind" 20
	check "trap_${kind}_chunked_upload_is_whole" upload_is_whole "$kind" "$out_lab/www/1m" \
		"trap-chunked-$kind" 20 -H 'Transfer-Encoding: chunked'
	check "trap_${kind}_load_answered" client wrk -t 1 -c 256 -d 2s "${url[$kind]}/1k"
done
check trap_malformed_request_refused refused 'GET / HTTP/1.1\r\nHost : x\r\n\r\n'
check trap_long_request_refused refused "GET /$(printf 'x%.0s' {1..20000}) HTTP/1.1\r\nHost: x\r\n\r\n"
printf 'GET /1m HTTP/1.1\r\nHost: x\r\n\r\n' | client timeout 0.2 socat -u - TCP:${host[100]}:80 || :
check trap_ping_answered client ping -c 2 -W 2 10.0.0.1
check trap_ping6_answered client ping -c 2 -W 2 fd00::1

# What the other plane wants from a worker, and members that come and go, under traffic.
background_start $http
check trap_connections_shown cli show connections
for ((i = 0; i < 5; i++)); do
	load_default || fail trap_configuration_loads "load number $i failed"
done
background_failures >/dev/null
"$lab/lab.sh" server stop 2
check trap_stopped_member_goes_down wait_until 5 member_is ${member[2]} down
check trap_without_a_member_answered get $http / -o /dev/null
"$lab/lab.sh" server start 2
check trap_started_member_comes_up wait_until 5 member_is ${member[2]} up

equal trap_data_plane_lives "$pid" "$(cat /proc/"$pid"/comm 2>/dev/null | grep -q fairlead && pid_of dataplane)"
equal trap_caught_nothing "" "$(grep -A 20 '^trap-malloc: forbidden' "$log" | tr '\n' ' ')"
check trap_data_plane_starts_without_it restart
