# The command line: a pool and a virtual server from a pipe, wrong lines and commits refused
# whole, rollback; members drained and forced under traffic, each with its cause in the ledger.
# LIMIT: 60
. "$(dirname "$0")/../lib.sh"

# lines NAME CODE: stdin to the command line; its exit code, what it says in $tmp/said.
lines()
{
	local code=0

	cli >"$tmp/said" 2>&1 || code=$?
	[ "$code" = "$2" ] && ok "$1" ||
		fail "$1" "want exit code $2, got $code: $(tail -n 3 "$tmp/said" | tr '\n' ' ')"
}

said() { check "$1" grep -qF -e "$2" "$tmp/said"; }

blue_answers() { client curl -s -f -m 3 -o /dev/null http://${host[150]}/; }
blue_is_gone() { ! blue_answers; }
runs() { cli show configuration; }
ledger_has() { cli show ledger "$1" | grep -F " $1 " | grep -qE "$2\$"; }
web_is_served_by() { [ "$(servers_seen $http 9)" = "$1" ]; }

background_start $http
runs >"$tmp/before"

# A virtual server comes and goes.
lines cli_new_virtual_server_commits 0 <<END
configure
set pool blue method maglev monitor web-up member ${socket[1]} weight 2
set pool blue member ${socket[2]}
set virtual-server blue address ${vip[150]} port 80 type http pool blue
show | compare
commit
END
said cli_compare_shows_what_is_new '+ set virtual-server blue address'
check cli_new_virtual_server_answers wait_until 3 blue_answers
check cli_generations_name_the_one_that_runs test \
	"$(cli show generations | awk '$2 == "runs" { print $1 }')" = \
	"$(cli show version | awk '$1 == "generation" { print $2 }')"
lines cli_rollback_commits 0 <<'END'
configure
rollback 1
commit
END
check cli_rolled_back_virtual_server_is_gone wait_until 3 blue_is_gone
check cli_rolled_back_configuration_is_the_old_one cmp -s "$tmp/before" <(runs)

# What is wrong changes nothing, and says what would be right.
lines cli_wrong_field_refused 1 <<'END'
configure
set pool web keep-idle-max 7
set pool web metod maglev
commit
END
said cli_wrong_field_named_with_the_right_one method
said cli_wrong_line_named_with_its_number 'line 3 failed: set pool web metod maglev'
check cli_wrong_line_commits_nothing cmp -s "$tmp/before" <(runs)
lines cli_commit_of_unknown_pool_refused 1 <<'END'
configure
discard
set virtual-server www pool nowhere
commit
END
said cli_commit_of_unknown_pool_names_it nowhere
check cli_refused_commit_changes_nothing cmp -s "$tmp/before" <(runs)
check cli_candidate_is_discarded cli configure discard
equal cli_discarded_candidate_is_what_runs 0 "$(cli 'configure show | compare | count')"

# How TCP connections are handled, by name; what is used is not removed.
lines cli_tcp_profile_commits 0 <<'END'
configure
set tcp-profile wan receive-buffer-bytes 200000 congestion-control newreno keep-alive-idle-ms 60000
set virtual-server www tcp-profile wan
set pool web tcp-profile wan
commit
END
check cli_tcp_profile_is_shown grep -qF 'tcp-profile = "wan"' <(runs)
lines cli_wrong_tcp_profile_refused 1 <<'END'
configure
set tcp-profile wan delayed-ack-ms 500
END
said cli_wrong_tcp_profile_says_what_is_right 'delayed-ack-ms: 500 is out of range; must be 0 to 499'
lines cli_used_tcp_profile_is_not_removed 1 <<'END'
configure
delete tcp-profile wan
commit
END
said cli_used_tcp_profile_says_by_whom 'virtual server "www": there is no tcp profile "wan"'
check cli_tcp_profile_changes_are_dropped cli configure discard

# Members taken out and back in.
check member_drained cli drain member $pool ${socket[2]}
check drained_member_gets_no_request wait_until 2 web_is_served_by "server1 server3"
equal drained_member_shows_it "up drained no" "$(member_field ${member[2]} STATE) $(
	member_field ${member[2]} ADMIN) $(member_field ${member[2]} TRAFFIC)"
check drained_member_outlives_a_commit load_default
equal drained_member_still_gets_no_request "server1 server3" "$(servers_seen $tcp 9)"
check member_enabled cli enable member $pool ${socket[2]}
check enabled_member_is_used_again wait_until 2 web_is_served_by "server1 server2 server3"
check member_forced_down cli force member $pool ${socket[1]} down
check forced_down_member_gets_no_request wait_until 2 web_is_served_by "server2 server3"
equal forced_down_member_shows_it "up forced-down no" "$(member_field ${member[1]} STATE) $(
	member_field ${member[1]} ADMIN) $(member_field ${member[1]} TRAFFIC)"
equal virtual_server_is_degraded degraded "$(cli show virtual-servers | awk -v name=$www '$1 == name { print $5 }')"
check member_forced_up cli force member $pool ${socket[1]} up
check forced_up_member_is_used wait_until 2 web_is_served_by "server1 server2 server3"
check member_enabled_from_forced cli enable member $pool ${socket[1]}
check ledger_has_the_drain ledger_has ${socket[2]} 'admin +enabled +drained +'$pool' +an operator said so'
check ledger_has_the_force ledger_has ${socket[1]} 'admin +forced-down +forced-up +'$pool' +an operator said so'
check unknown_member_refused test "$(cli drain member web 10.0.1.99:80 >"$tmp/said" 2>&1; echo $?)" = 1
said unknown_member_says_what_there_is 'pool web has no member 10.0.1.99:80'
equal traffic_through_all_that_unharmed 0 "$(background_failures)"

# A server that dies: the monitor says so, the ledger why; force brings it back by order.
"$lab/lab.sh" server stop 3
check dead_member_goes_down wait_until 4 member_is ${member[3]} down
check ledger_has_the_death ledger_has ${socket[3]} 'health +up +down +web-up +connection refused'
check dead_member_forced_up cli force member $pool ${socket[3]} up
equal forced_up_member_shows_both "down forced-up yes" "$(member_field ${member[3]} STATE) $(
	member_field ${member[3]} ADMIN) $(member_field ${member[3]} TRAFFIC)"
equal dead_member_forced_up_costs_no_request "server1 server2" "$(servers_seen $http 9)"
"$lab/lab.sh" server start 3
check dead_member_enabled cli enable member $pool ${socket[3]}
check started_member_comes_up wait_until 6 all_members_up
