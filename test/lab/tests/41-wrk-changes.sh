# Load while the configuration is loaded again and again, and while a member leaves in
# order (nginx ends its kept connections and refuses new ones): no request fails.
# LIMIT: 60
# AGAIN
. "$(dirname "$0")/../lib.sh"

wrk_start() # SECONDS
{
	client wrk -t 1 -c 256 -d "$1s" --timeout 5s "${url[$http]}/1k" >"$tmp/wrk" 2>&1 &
	wrk=$!
}

wrk_end() # NAME
{
	wait $wrk && ok "$1_wrk_runs" || fail "$1_wrk_runs" "$(tail -n 1 "$tmp/wrk")"
	equal "$1_wrk_no_socket_error" "" "$(grep 'Socket errors' "$tmp/wrk")"
	equal "$1_wrk_no_bad_status" "" "$(grep 'Non-2xx' "$tmp/wrk")"
}

wrk_start 5
for ((i = 0; i < 15; i++)); do
	load_default || fail reload_under_wrk_loads "load number $i failed"
	sleep 0.2
done
check connections_under_wrk_shown test "$(cli show connections | wc -l)" -gt 500
wrk_end reload

again=$(counter members_tried_again)
wrk_start 6
sleep 1
kill -QUIT "$(pid_of server2)"
check member_leaving_under_wrk_goes_down wait_until 5 member_is ${member[2]} down
wrk_end member_leaving
check member_leaving_others_were_tried counter_grew members_tried_again "$again" 1
"$lab/lab.sh" server start 2
check member_back_after_wrk wait_until 6 all_members_up
