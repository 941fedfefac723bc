# Boxes with something wrong: a NIC that is missing, a config partition of rubbish or of nothing, a root with a wrong
# block. Each comes up to a console that says so; all but the last can be managed.
. "$(dirname "$0")/../lib.sh"

console_says() { console expect $boot_limit "$1"; }

check box_is_set_up box_ready "$direct"

# Without p1's NIC: the console says so above the login, the rest works.
power_on "$direct" "FL_NICS=mgmt0 p0"
check missing_nic_is_said_on_the_console console_says '(?s)starting systemd.*0000:00:12\.0.*login: '
check missing_nic_leaves_management_alone wait_until 120 box "show version"
check missing_nic_is_said_over_ssh box "show board | match 0000:00:12.0"
check missing_nic_leaves_the_other_port wait_until 60 client ping -c 1 -W 2 10.0.0.1

# The partition of the configuration is rubbish from end to end: a box as from the factory, in memory.
disk_fresh
disk_damage config 0x55
power_on "$direct"
check damaged_config_partition_is_said console_says 'config: partition .* damaged beyond repair'
check damaged_config_partition_asks_for_a_password console_says 'New password for admin: '
check damaged_config_partition_takes_a_password first_boot_answer
check damaged_config_partition_is_said_at_the_login console_says '(?s)config: partition .*login: '
check damaged_config_partition_lets_log_in console_login_only

disk_fresh
disk_damage config 0
power_on "$direct"
check empty_config_partition_is_said console_says 'config: partition .* is empty'
check empty_config_partition_asks_for_a_password console_says 'New password for admin: '

# A few bytes of the root.
disk_fresh
disk_damage root-a 0x55 1024 16
power_on "$direct"
check wrong_root_block_is_said console_says "can't be trusted"
check wrong_root_block_never_starts_systemd test "$(grep -c 'starting systemd' "$console_log")" = 0
check wrong_root_block_restarts_the_box console_says '(?s)Linux version.*fairlead-init: starting'
power_off
