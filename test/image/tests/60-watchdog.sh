# A box whose processors all stand still: the hardware's watchdog, which nobody feeds any more, resets it. One that runs is fed.
. "$(dirname "$0")/../lib.sh"

timeout_s=$(sed -n 's/.*timeout-s = \([0-9]*\).*/\1/p' "$board_file")

older_than() { awk -v age="$(console seconds)" -v limit="$1" 'BEGIN { exit !(age > limit) }'; }
starts() { grep -ac 'Linux version' "$console_log"; }
silent() { ! in_ns mgmt ping -c 2 -W 2 10.0.9.1; }

check box_is_ready box_ready "$direct"
wait_until 300 older_than $((2 * timeout_s + 30))
equal box_that_runs_is_not_reset 1 "$(starts)"

check box_is_frozen box_freeze
check frozen_box_is_silent silent
check frozen_box_is_reset console expect $boot_limit 'Linux version'
check reset_box_comes_back console expect $boot_limit 'login: '
check reset_box_balances wait_until 60 all_members_up
