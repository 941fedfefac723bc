# The same box after a power cut, with NICs of another make: what was configured is there, its traffic flows.
. "$(dirname "$0")/../lib.sh"
. "$top/test/image/traffic.sh"

check box_is_set_up box_ready "$direct"
host_keys() { in_ns mgmt ssh-keyscan -t ed25519 10.0.9.1 2>/dev/null | cut -d' ' -f2-; }
before=$(host_keys)
check box_powers_on_with_e1000e power_on "$direct" FL_NIC=e1000e
check login_prompt_comes console expect $boot_limit 'login: '
echo "power-on to the login prompt: $(console seconds) s"
check configuration_survived_the_power_cut wait_until 60 all_members_up
check host_key_survived_the_power_cut test -n "$before" -a "$before" = "$(host_keys)"
traffic_facts net_e1000_em
