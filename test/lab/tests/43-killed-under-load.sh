# kill -9 under load. Of mgmtd: traffic does not notice, nor when it comes back. Of the data plane:
# it serves again within a second of its start on the same generation, with health remembered; a
# member that was down is neither picked nor believed in until its server is back.
# LIMIT: 90
. "$(dirname "$0")/../lib.sh"

generation_now() { cli show version | awk '$1 == "generation" { print $2 }'; }
generation_is() { [ "$(generation_now)" = "$1" ]; }

wrk_start()
{
	client wrk -t 1 -c 64 -d 60s --timeout 5s "${url[$http]}/1k" >"$tmp/wrk" 2>&1 &
	wrk=$!
	sleep 1
}

# It says what it saw.
wrk_stop()
{
	kill -INT $(ip netns pids fl-client)
	wait $wrk
}

# 1  mgmtd
aborted=$(counter sessions_aborted)
generation=$(generation_now)
wrk_start
kill -KILL "$(pid_of mgmtd)"
sleep 1.5
"$lab/lab.sh" mgmtd start
check mgmtd_killed_cli_answers_again cli show pools
equal mgmtd_killed_no_session_aborted "$aborted" "$(counter sessions_aborted)" # before wrk's end breaks off what is under way
check mgmtd_killed_wrk_still_ran kill -0 $wrk
wrk_stop && ok mgmtd_killed_wrk_ends_well || fail mgmtd_killed_wrk_ends_well "$(tail -n 1 "$tmp/wrk")"
equal mgmtd_killed_no_socket_error "" "$(grep 'Socket errors' "$tmp/wrk")"
equal mgmtd_killed_no_bad_status "" "$(grep 'Non-2xx' "$tmp/wrk")"
equal mgmtd_killed_nothing_is_published "$generation" "$(generation_now)"

# 2  the data plane. Times are microseconds of the wall clock.
now_us() { echo "${EPOCHREALTIME/[.,]/}"; }

# When a process began, from the kernel, to 10 ms.
start_us()
{
	local ticks up
	ticks=$(sed 's/.*) //' "/proc/$1/stat" | cut -d' ' -f20)
	read -r up _ </proc/uptime
	awk -v now="$(now_us)" -v up="$up" -v ticks="$ticks" 'BEGIN { printf "%.0f\n", now - (up - ticks / 100) * 1e6 }'
}

# The first good answer from now on, whose time it writes. A try is cut short: its SYN would be
# repeated after a second only.
first_answer()
{
	until get $http / -m 0.2 -o /dev/null 2>/dev/null; do sleep 0.01; done
	now_us >"$tmp/answered"
}

"$lab/lab.sh" server stop 2
check dead_member_is_down wait_until 5 member_is ${member[2]} down
generation=$(readlink "$run_dir/config/current")
wrk_start
kill_hard dataplane
sleep 0.5
first_answer &
poller=$!
"$lab/lab.sh" dataplane start
wait $poller
took_us=$(($(cat "$tmp/answered") - $(start_us "$(pid_of dataplane)")))
echo "note: the first answer came $((took_us / 1000)) ms after the start of the process"
check dataplane_killed_serves_within_a_second test $took_us -lt 1000000
check dataplane_killed_same_generation wait_until 2 generation_is "$generation"
equal dataplane_killed_health_is_remembered "up down up" \
	"$(member_state ${member[1]}) $(member_state ${member[2]}) $(member_state ${member[3]})"
sleep 2
check dataplane_killed_load_is_served_again counter_grew http_requests 0 1000
equal dataplane_killed_dead_member_stays_down down "$(member_state ${member[2]})"
equal dataplane_killed_dead_member_is_never_picked 0 "$(member_field ${member[2]} FAILED)"
wrk_stop
"$lab/lab.sh" server start 2
check dataplane_killed_member_comes_back wait_until 6 all_members_up
equal dataplane_killed_all_members_are_used "server1 server2 server3" "$(servers_seen $http 20)"
