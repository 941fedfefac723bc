# The management process dies and returns; traffic does not notice. A data plane that
# dies takes up the last configuration without it.
. "$(dirname "$0")/../lib.sh"

background_start http4
kill -KILL "$(pid_of mgmtd)"
sleep 2
check mgmtd_dead_traffic_flows get http4 /1m -o /dev/null
"$lab/lab.sh" mgmtd start
check mgmtd_back_cli_answers cli show pools
sleep 1
equal traffic_through_dead_mgmtd_unharmed 0 "$(background_failures)"

"$lab/lab.sh" mgmtd stop
kill -KILL "$(pid_of dataplane)"
"$lab/lab.sh" dataplane start
for kind in $kinds; do
	check "${kind}_answered_after_restart_without_mgmtd" wait_until 8 get "$kind" /1k -m 2 -o /dev/null
done
"$lab/lab.sh" mgmtd start
check mgmtd_adopts_restarted_data_plane cli show pools
check members_are_up_after_restart wait_until 6 all_members_up
