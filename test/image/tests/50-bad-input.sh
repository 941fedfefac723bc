# Boxes with something wrong: a NIC that is missing, a board file, a partition table, a config partition, a root with a wrong
# block. Each comes up to a console that says so; all but the last two can be managed.
# LIMIT: 3600
. "$(dirname "$0")/../lib.sh"

console_says() { console expect $boot_limit "$1"; }
# Without a data plane it says so too, and ends with 1.
says_its_version() { box "show version" | grep '^version '; }
board_says_what_is_missing() { box "show board" | grep 'port p1: no PCI device 0000:00:12.0'; }

check box_is_set_up box_ready "$direct"

# Without p1's NIC: the console says so above the login, the rest works.
power_on "$direct" "FL_NICS=mgmt0 p0"
check missing_nic_is_said_on_the_console console_says '(?s)starting systemd.*0000:00:12\.0.*login: '
check missing_nic_leaves_management_alone wait_until 120 box "show version"
check missing_nic_is_said_over_ssh board_says_what_is_missing
check missing_nic_leaves_the_other_port wait_until 60 client ping -c 1 -W 2 10.0.0.1

# A board file that lacks almost all: no data plane, but a management port.
wrong='version = 1; name = "wrong"; management-port = { pci = "0000:00:10.0"; }; modules = [ "virtio_net" ];'
power_on "$direct" "FL_APPEND=$(writes /usr/share/fairlead/board.conf "$wrong")"
check wrong_board_is_said_on_the_console console_says '(?s)starting systemd.*The board file is wrong.*board.conf:.*login: '
check wrong_board_lets_log_in console_login_only
check wrong_board_leaves_management_alone wait_until 120 says_its_version

# The first partition table is gone, and the place where the configuration's file system says what it is.
power_off
disk_damage config 0 0 8192
qemu-io -f qcow2 -c "write -q -P 0x55 512 512" "$overlay"
power_on "$direct"
check damaged_table_is_said console_says 'the partition table at the start of vda is damaged'
check damaged_superblock_is_repaired console_says 'config: partition .* was damaged and has been repaired'
check damaged_superblock_leaves_the_password console_login
check damaged_superblock_leaves_the_configuration wait_until 120 all_members_up

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

# Most of the root: init finds its beginning and its end as they should be.
disk_fresh
disk_damage root-a 0x55 $((1 << 20)) $((30 << 20))
power_on "$direct"
check late_wrong_block_stops_the_kernel console_says '(?s)root is root-a.*Kernel panic - not syncing: dm-verity'
check late_wrong_block_restarts_the_box console_says 'fairlead-init: starting'
power_off
