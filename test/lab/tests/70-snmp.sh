# What an SNMP manager at fl-mgmt sees, with the MIB loaded: the same as the command line.
. "$(dirname "$0")/../lib.sh"

snmp_says() # OBJECT VALUE
{
	[ "$(snmp snmpget 10.0.9.1 -Oqv "FAIRLEAD-MIB::$1" 2>&1)" = "$2" ]
}

# A line a member: endpoint, state, administrative state, traffic, weight, connections, requests, bytes, 5xx.
members_in_snmp()
{
	snmp snmptable "$1" -Cf '|' FAIRLEAD-MIB::memberTable | awk -F'|' '
		/memberEndpoint/ { for (i = 1; i <= NF; i++) at[$i] = i; next }
		at["memberEndpoint"] {
			print $at["memberEndpoint"], $at["memberState"], $at["memberAdminState"], $at["memberTraffic"],
				$at["memberWeight"], $at["memberConnsTotal"], $at["memberConnsFailed"],
				$at["memberRequests"], $at["memberBytesIn"], $at["memberBytesOut"], $at["memberResponses5xx"]
		}' | sort
}

members_in_cli()
{
	cli show pools | awk '
		NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		{ print $1, $2, $3, $4, $at["WEIGHT"], $at["TOTAL"], $at["FAILED"], $at["REQUESTS"], $at["BYTES-IN"],
			$at["BYTES-OUT"], $at["5XX"] }' | sort
}

# Both at rest: nothing changes between the two looks.
members_agree()
{
	local address=$1 one other

	one=$(members_in_cli)
	other=$(members_in_snmp "$address")
	[ -n "$one" ] && [ "$one" = "$other" ] && [ "$one" = "$(members_in_cli)" ]
}

# A data plane that has just started has none yet, and the test before this one may have started it.
generations_agree()
{
	local shown
	shown=$(cli show version | awk '$1 == "generation" { print $2 }')
	[[ $shown =~ ^[1-9][0-9]*$ ]] && [ "$shown" = "$(snmp snmpget 10.0.9.1 -Oqv FAIRLEAD-MIB::fairleadGeneration.0)" ]
}

check snmp_agent_answers wait_until 10 snmp_says fairleadDataPlane.0 running
equal snmp_mib_loads_silently "" "$(snmp snmpget 10.0.9.1 -Oqv FAIRLEAD-MIB::fairleadDataPlane.0 2>&1 >/dev/null)"
check snmp_generation_is_that_of_the_cli wait_until 5 generations_agree
get http4 /1k >/dev/null
get tcp6 /1k >/dev/null
check snmp_members_agree_with_cli wait_until 5 members_agree 10.0.9.1
check snmp_members_agree_over_ipv6 wait_until 5 members_agree 'udp6:[fd00:9::1]'
equal snmp_rows_are_indexed_by_name '"www" http'  "$(snmp snmpwalk 10.0.9.1 -OQsX FAIRLEAD-MIB::virtualServerType |
	sed -n 's/^virtualServerType\["*\(www\)"*\] = \(.*\)/"\1" \2/p')"
equal snmp_walk_and_bulk_walk_agree \
	"$(snmp snmpwalk 10.0.9.1 -On FAIRLEAD-MIB::poolTable | md5sum)" \
	"$(snmp snmpbulkwalk 10.0.9.1 -On FAIRLEAD-MIB::poolTable | md5sum)"

"$lab/lab.sh" server stop 2
check snmp_member_that_died_is_down wait_until 6 snmp_says 'memberState."web".1.4.10.0.1.12.80' down
check snmp_pool_without_one_is_degraded snmp_says 'poolState."web"' degraded
"$lab/lab.sh" server start 2
cli drain member web 10.0.1.11:80 >/dev/null
check snmp_member_drained_in_cli_is_drained wait_until 3 \
	snmp_says 'memberAdminState."web".1.4.10.0.1.11.80' drained
cli enable member web 10.0.1.11:80 >/dev/null
check snmp_member_enabled_in_cli_is_enabled wait_until 3 \
	snmp_says 'memberAdminState."web".1.4.10.0.1.11.80' enabled
check snmp_member_that_came_back_is_up wait_until 6 snmp_says 'memberState."web".1.4.10.0.1.12.80' up
check snmp_all_members_are_up wait_until 6 all_members_up
# A line a change, whatever tests before this one did to the data plane and its files.
equal snmp_agent_log_tells_changes_only "" "$(grep -vE 'looking for an|master is there|data plane runs|cannot be read' "$out_lab/snmp.log"
	uniq -d "$out_lab/snmp.log")"
