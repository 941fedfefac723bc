# Many connections at full speed: no error, memory flat.
# LIMIT: 120
. "$(dirname "$0")/../lib.sh"

wrk_run() # KIND SECONDS CONNECTIONS
{
	client wrk -t 1 -c "$3" -d "$2s" --timeout 5s "${url[$1]}/1k" >"$tmp/wrk" 2>&1 || return
	cat "$tmp/wrk"
}

# Drops for want of something.
full_drops()
{
	local reason

	for reason in mbuf_empty port_error tcp_conn_table_full tcp_syn_queue_full; do
		echo "$reason $(drop_count $reason)"
	done
}

declare -A seconds=([http4]=30 [http6]=6 [tcp4]=6 [tcp6]=6)
wrk_run $http 2 256 >/dev/null || :		# every pool and cache has been touched
before=$(resident_kb dataplane)
full=$(full_drops)
for kind in $kinds; do
	check "${kind}_wrk_runs" wrk_run "$kind" "${seconds[$kind]}" 256
	equal "${kind}_wrk_no_socket_error" "" "$(grep 'Socket errors' "$tmp/wrk")"
	equal "${kind}_wrk_no_bad_status" "" "$(grep 'Non-2xx' "$tmp/wrk")"
	requests=$(sed -n 's/^ *\([0-9]*\) requests in.*/\1/p' "$tmp/wrk")
	[ "${requests:-0}" -gt 1000 ] && ok "${kind}_wrk_many_requests" ||
		fail "${kind}_wrk_many_requests" "${requests:-0} in ${seconds[$kind]} s"
	echo "note: $kind $(grep Requests/sec "$tmp/wrk")"
done
no_session_is_left() { [ "$(counter sessions_open)" = 0 ]; }
check wrk_leaves_no_session wait_until 5 no_session_is_left
equal wrk_nothing_is_full "$full" "$(full_drops)"
grown=$(($(resident_kb dataplane) - before))
[ $grown -le 1024 ] && ok wrk_data_plane_memory_flat ||
	fail wrk_data_plane_memory_flat "grew by $grown KB"
