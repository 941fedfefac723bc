# A member that stops leaves within the monitor's fall time, without a failed
# request after that, and returns when it is back. interval 1 s, fall 2, rise 2.
# LIMIT: 90
# AGAIN
. "$(dirname "$0")/../lib.sh"

"$lab/lab.sh" server stop 2
check member_stopped_goes_down wait_until 4 member_is ${member[2]} down
check member_stopped_goes_down_on_v6 wait_until 2 member_is fd00:1::12 down
for kind in $kinds; do
	equal "${kind}_stopped_member_is_passed_over" "server1 server3" "$(servers_seen "$kind" 20)"
done
"$lab/lab.sh" server start 2
check member_started_comes_up wait_until 5 member_is ${member[2]} up
check member_started_comes_up_on_v6 wait_until 2 member_is fd00:1::12 up
for kind in $kinds; do
	equal "${kind}_returned_member_is_used" "server1 server2 server3" "$(servers_seen "$kind" 12)"
done

# All gone: the client is told, and told otherwise once they are back.
for i in 1 2 3; do
	"$lab/lab.sh" server stop $i
done
check members_all_stopped_go_down wait_until 4 member_is ${member[1]} down
all_members_down() { cli show pools | awk '$2 == "up" { up++ } END { exit up > 0 }'; }
wait_until 3 all_members_down || :
before=$(counter members_none_up)
equal http_without_members_answers_503 503 \
	"$(client curl -s -m 5 -o /dev/null -w '%{http_code}' ${url[$http]}/)"
check tcp_without_members_closes_at_once test "$(client curl -s -m 5 -o /dev/null \
	-w '%{exitcode}' ${url[$tcp]}/)" -ne 28
check sessions_without_members_are_counted wait_until 2 counter_grew members_none_up "$before" 2
equal stopped_members_cause_is_shown refused "$(cli show pools | grep '^10.0.1.12:' | grep -ow refused)"
for i in 1 2 3; do
	"$lab/lab.sh" server start $i
done
check members_all_started_come_up wait_until 6 all_members_up
check http_with_members_again_answered get $http / -o /dev/null
