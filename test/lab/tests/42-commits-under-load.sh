# Load while the box changes under it: a hundred commits that add and remove members and change
# weights and methods; a member that is killed, one that is drained, one that is added. No request
# fails, no connection is reset, no session is broken off.
# LIMIT: 90
. "$(dirname "$0")/../lib.sh"

commits=100

wrk_start() # PATH
{
	aborted=$(counter sessions_aborted)
	client wrk -t 1 -c 64 -d 60s --timeout 5s "${url[$http]}$1" >"$tmp/wrk" 2>&1 &
	wrk=$!
	sleep 0.5
}

wrk_end() # NAME: nothing of what happened was seen from outside, nor did a session break off
{
	# Before the end, which breaks off what is under way.
	equal "$1_no_session_aborted" "$aborted" "$(counter sessions_aborted)"
	check "$1_wrk_still_ran" kill -0 $wrk
	kill -INT $(ip netns pids fl-client) # it says what it saw
	wait $wrk && ok "$1_wrk_ends_well" || fail "$1_wrk_ends_well" "$(tail -n 1 "$tmp/wrk")"
	equal "$1_no_socket_error" "" "$(grep 'Socket errors' "$tmp/wrk")"
	equal "$1_no_bad_status" "" "$(grep 'Non-2xx' "$tmp/wrk")"
}

# How many requests of clients the server has logged.
served() { grep -vc Fairlead-monitor "$out_lab/server$1/access.log"; }
served_more() { [ "$(served "$1")" -gt "$2" ]; }
is_idle()
{
	local before
	before=$(served "$1")
	sleep 0.5
	[ "$(served "$1")" = "$before" ]
}

sed "s/${member[1]}\"; port = 80; weight = 1/${member[1]}\"; port = 80; weight = 5/" \
	"$lab/default.conf" >"$tmp/1.conf"
sed "/\"${member[2]}\"/d" "$lab/default.conf" >"$tmp/2.conf"
sed "s/\"round-robin\"/\"least-connections\"/; s/\"${member[2]}\"; port = 80; weight = 1/\"${member[2]}\"; port = 80; weight = 3/" \
	"$lab/default.conf" >"$tmp/3.conf"
sed "/\"${member[1]}\"/d; s/\"${member[3]}\"; port = 80; weight = 1/\"${member[3]}\"; port = 80; weight = 9/" \
	"$lab/default.conf" >"$tmp/4.conf"
cp "$lab/default.conf" "$tmp/5.conf"

adopted=$(counter config_adoptions)
loaded=0
wrk_start /1k
for ((i = 0; i < commits; i++)); do
	cli load "$tmp/$((i % 5 + 1)).conf" >"$tmp/said" 2>&1 || { fail commits_load "number $i: $(cat "$tmp/said")"; break; }
	loaded=$((loaded + 1))
done
equal commits_all_loaded $commits $loaded
wrk_end commits
equal commits_all_adopted $((commits * workers)) $(($(counter config_adoptions) - adopted))
check commits_members_are_up wait_until 6 all_members_up

# nginx writes this answer at once. Of a file it sends the head first, and killed in between it has begun an answer
# that nobody can end for it.
wrk_start /
kill -KILL $(ip netns pids fl-server2)
check killed_member_goes_down wait_until 5 member_is ${member[2]} down
cli drain member $pool ${socket[3]} >/dev/null || fail drained_member_is_drained "refused"
check drained_member_gets_nothing_more wait_until 3 is_idle 3
check drained_member_others_go_on wait_until 3 served_more 1 "$(served 1)"
cli enable member $pool ${socket[3]} >/dev/null
check enabled_member_is_used_again wait_until 3 served_more 3 "$(served 3)"
cli load "$tmp/4.conf" >/dev/null || fail removed_member_loads "refused"
check removed_member_gets_nothing_more wait_until 3 is_idle 1
load_default || fail added_member_loads "refused"
check added_member_is_used wait_until 3 served_more 1 "$(served 1)"
wrk_end changes
rm -f "$state_dir/server2.pid"
"$lab/lab.sh" server start 2
check members_up_after_changes wait_until 6 all_members_up
