# The management process dies and returns; traffic does not notice. A data plane that
# dies takes up the last configuration and the members' health without it.
# LIMIT: 90
# AGAIN
. "$(dirname "$0")/../lib.sh"

generation_now() { cli show version | awk '$1 == "generation" { print $2 }'; }

background_start $http
check edited_on_the_command_line cli configure set pool web keep-idle-max 255
check committed_on_the_command_line cli configure commit
check left_uncommitted cli configure set pool web keep-idle-max 254
generation=$(generation_now)
kill -KILL "$(pid_of mgmtd)"
sleep 2
check mgmtd_dead_traffic_flows get $http /1m -o /dev/null
"$lab/lab.sh" mgmtd start
check mgmtd_back_cli_answers cli show pools
equal mgmtd_back_nothing_is_published "$generation" "$(generation_now)"
equal mgmtd_back_commit_is_not_undone 1 "$(cli show configuration | grep -c 'keep-idle-max = 255')"
equal mgmtd_back_candidate_is_what_runs "" "$(cli configure 'show' '|' compare)"
check mgmtd_back_history_reaches_further cli configure rollback 1
check mgmtd_back_commits_again cli configure commit
equal mgmtd_back_rolled_back_configuration_runs 0 "$(cli show configuration | grep -c 'keep-idle-max')"
sleep 1
equal traffic_through_dead_mgmtd_unharmed 0 "$(background_failures)"

# What monitors have found out outlives a data plane: a member that was down is not tried.
"$lab/lab.sh" server stop 2
check member_down_before_restart wait_until 5 member_is ${member[2]} down
"$lab/lab.sh" mgmtd stop
generation=$(readlink "$run_dir/config/current")
kill_hard dataplane
"$lab/lab.sh" dataplane start
equal restarted_data_plane_remembers_health "down up" "$(member_state ${member[2]}) $(member_state ${member[3]})"
equal restarted_data_plane_passes_over_member_that_was_down "server1 server3" "$(servers_seen $http 10)"
equal restarted_data_plane_tries_no_member_that_was_down 0 "$(member_field ${member[2]} FAILED)"
generation_is() { [ "$(generation_now)" = "$1" ]; }
check restarted_data_plane_serves_the_last_generation wait_until 2 generation_is "$generation"
"$lab/lab.sh" server start 2
for kind in $kinds; do
	check "${kind}_answered_after_restart_without_mgmtd" wait_until 8 get "$kind" /1k -m 2 -o /dev/null
done
"$lab/lab.sh" mgmtd start
check mgmtd_adopts_restarted_data_plane cli show pools
check members_are_up_after_restart wait_until 6 all_members_up
