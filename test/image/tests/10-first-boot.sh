# A box as it leaves the factory: power-on, first boot's questions, login on the console, addresses and a virtual server,
# then the same over SSH. What comes out balances the lab's traffic.
# SHORT
. "$(dirname "$0")/../lib.sh"

key_make
disk_fresh
check box_powers_on power_on
check fresh_box_asks_for_a_password console expect $boot_limit 'New password for admin: '
echo "power-on to the first question: $(console seconds) s"
check fresh_box_is_on_the_network wait_until 30 in_ns mgmt ping -c 1 -W 2 "$link_local"
equal fresh_box_lets_nobody_in_from_there "" "$(open_ports mgmt "$link_local" 1023)"
check log_partition_has_grown test "$(disk_extent log | cut -d' ' -f2)" -gt $((2 * 1024 * 128 * 2))

# Answers that don't do are asked for again.
console send short
console expect $login_limit 'Again: |New password for admin: ' >/dev/null
console send other
check bad_password_is_asked_for_again console expect $login_limit 'New password for admin: '
check password_is_taken first_boot_answer
check login_prompt_comes console expect $login_limit 'login: '
echo "power-on to the login prompt: $(console seconds) s"

console send admin
console expect $login_limit 'Password: ' >/dev/null
console send wrong-password
check wrong_password_is_refused console expect $login_limit 'Login incorrect'
check login_on_the_console console_login

# The client side and the management port by hand.
console run $login_limit configure >/dev/null
for line in "set management-address 10.0.9.1/24 gateway 10.0.9.2" \
	"set port p0 address 10.0.0.1/24" "set port p1 address 10.0.1.1/24" \
	"set monitor web-up type http fall 2" "set pool web monitor web-up" \
	"set pool web member 10.0.1.11:80" "set pool web member 10.0.1.12:80" \
	"set virtual-server www address 10.0.0.100 port 80 type http pool web"; do
	console run $login_limit "$line" >/dev/null || fail console_set "$line"
done
check console_commit console run $login_limit commit
console run $login_limit exit >/dev/null
check console_box_balances wait_until 60 get http4 / -o /dev/null
equal console_box_has_two_members "server1 server2" "$(servers_seen http4 6)"

# Over SSH: first by password, which brings the key.
check ssh_by_password wait_until 120 box_by_password "$password" "show version"
check ssh_wrong_password_refused password_refused nonsense
check ssh_no_password_refused password_refused ""
check ssh_key_is_set ssh_key_set
check ssh_by_key wait_until 60 box "show version"
check ssh_pool_gets_a_member box "configure set pool web member 10.0.1.13:80"
check ssh_commit box "configure commit"
wait_until 60 all_members_up
equal ssh_box_has_three_members "server1 server2 server3" "$(servers_seen http4 9)"
config_make >"$tmp/box.conf"
check ssh_loads_a_file box_load "$tmp/box.conf"
check members_of_both_families_up wait_until 60 all_members_up
touch "$ready_mark"
for kind in $kinds; do
	equal "${kind}_reaches_all_servers" "server1 server2 server3" "$(servers_seen "$kind" 9)"
	equal "${kind}_download_is_whole" "$(sha_of 10m)" "$(download_sha "$kind" 10m 120)"
done

# Another password, on the console; the lab's again, over SSH on a terminal.
check ssh_password_without_a_terminal_is_refused grep -q "asked for on a terminal" <(box "set admin password" 2>&1)
check console_sets_another_password console_password "$password-2"
check ssh_new_password_counts wait_until 60 box_by_password "$password-2" "show version"
check ssh_old_password_counts_no_more test "$(box_by_password "$password" "show version" 2>&1 | grep -c uptime)" = 0
check console_sets_the_first_password_again console_password "$password"
check ssh_first_password_counts_again wait_until 60 box_by_password "$password" "show version"

# What a router on the management network announces is not believed: the configuration says all.
ip -n fl-mgmt address add fd77::2/64 dev eth0 nodad
in_ns mgmt "$top/test/image/announce.py" eth0 fd77::
check announced_prefix_makes_no_address test "$(in_ns mgmt ping -c 2 -W 2 fd77::ff:fe00:901 >/dev/null && echo answers)" = ""
ip -n fl-mgmt address del fd77::2/64 dev eth0
console send exit
check console_asks_for_the_next_login console expect $login_limit 'login: '
