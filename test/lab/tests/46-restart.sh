# A data plane that dies under load serves again within a second on the same generation, with
# everything known of the members: health, what operators said, the ledger. A generation that was
# damaged meanwhile is refused with its reason, and the newest whole one before it runs.
# LIMIT: 90
# AGAIN
. "$(dirname "$0")/../lib.sh"

log=$out_lab/dataplane.log

generation_now() { cli show version | awk '$1 == "generation" { print $2 }'; }
generation_is() { [ "$(generation_now)" = "$1" ]; }
current() { readlink "$run_dir/config/current"; }
kill_dataplane() { kill_hard dataplane; }
start_dataplane() { "$lab/lab.sh" dataplane start; }
config_file() { echo "$run_dir/config/$1"; }

# 1  killed under load
"$lab/lab.sh" server stop 2
check restart_member_is_down_before wait_until 5 member_is ${member[2]} down
cli drain member $pool ${socket[3]} >/dev/null
cli show ledger >"$tmp/ledger"
before=$(current)
background_start $http
"$lab/lab.sh" mgmtd stop
kill_dataplane
start_dataplane
began=$(date +%s%N)
check restart_serves_again wait_until 5 get $http / -m 1 -o /dev/null
echo "note: served $((($(date +%s%N) - began) / 1000000)) ms after its start"
check restart_same_generation wait_until 2 generation_is "$before"
kill "$background"; wait "$background" || :
equal restart_member_that_was_down_stays_down "down" "$(member_state ${member[2]})"
equal restart_only_the_member_that_is_up_and_not_drained "server1" "$(servers_seen $http 10)"
equal restart_down_member_was_never_picked 0 "$(member_field ${member[2]} FAILED)"
check restart_ledger_is_kept diff <(cut -d' ' -f1-6 "$tmp/ledger") \
	<(cli show ledger | head -n "$(wc -l <"$tmp/ledger")" | cut -d' ' -f1-6)
"$lab/lab.sh" mgmtd start
cli enable member $pool ${socket[3]} >/dev/null
"$lab/lab.sh" server start 2
check restart_members_are_up wait_until 8 all_members_up

# 2  damaged: a second generation, so that there is one before it
sed 's/interval-ms = 1000/interval-ms = 1100/' "$lab/default.conf" >"$tmp/other.conf"
load_default

# damaged NAME WORDS CMD...: CMD damages the current generation's file
damaged()
{
	local name=$1 words=$2
	shift 2

	whole=$(generation_now)
	cli load "$tmp/other.conf" >/dev/null
	number=$(current)
	"$lab/lab.sh" mgmtd stop
	kill_dataplane
	"$@" "$(config_file "$number")"
	start_dataplane
	check "damaged_${name}_is_refused_with_its_reason" grep -q "($number) can't be used: .*$words" "$log"
	check "damaged_${name}_box_says_which_runs" grep -q "generation $whole runs in its place" "$log"
	check "damaged_${name}_the_one_before_runs" wait_until 2 generation_is "$whole"
	check "damaged_${name}_is_served" wait_until 5 get $http / -m 1 -o /dev/null
	"$lab/lab.sh" mgmtd start
	check "damaged_${name}_another_is_published" load_default
	check "damaged_${name}_which_runs" wait_until 2 generation_is "$(current)"
}

flip_bytes() { printf 'xyz' | dd of="$1" bs=1 seek=$(($(stat -c %s "$1") / 2)) conv=notrunc status=none; }
cut_short() { truncate -s -100 "$1"; }
other_layout() { printf 'xyz' | dd of="$1" bs=1 seek=8 conv=notrunc status=none; }
damaged bytes checksum flip_bytes
damaged length size cut_short
damaged layout layout other_layout

# 3  a health file of another build: everything unknown, and said so
cli drain member $pool ${socket[3]} >/dev/null
kill_dataplane
printf 'xyz' | dd of="$run_dir/health" bs=1 seek=8 conv=notrunc status=none
start_dataplane
check health_of_another_build_is_said grep -q "health is of another build" "$log"
check health_of_another_build_is_found_out_anew wait_until 8 all_members_up
equal health_of_another_build_nobody_is_drained "server1 server2 server3" "$(servers_seen $http 10)"
check restart_all_members_up_at_the_end wait_until 8 all_members_up
