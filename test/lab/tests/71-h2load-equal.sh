# 200,000 requests: the command line, SNMP and the servers' own logs count the same ones.
# LIMIT: 120
. "$(dirname "$0")/../lib.sh"

requests=200000

# Each prints one number.
in_cli_virtual_server() { cli show virtual-servers | cli_column NAME www REQUESTS; }
in_cli_members() { cli show pools | cli_column POOL web REQUESTS; }
in_snmp_virtual_server() { snmp snmpget 10.0.9.1 -Oqv 'FAIRLEAD-MIB::virtualServerRequests."www"'; }
in_snmp_members() { snmp snmpbulkwalk 10.0.9.1 -Oqv 'FAIRLEAD-MIB::memberRequests."web"' | awk '{ n += $1 } END { print n }'; }
in_logs() { cat "$out_lab"/server?/access.log | grep -vc '"Fairlead-monitor"'; }

# Adds up a column over the lines that have a value in another.
cli_column()
{
	awk -v where="$1" -v value="$2" -v what="$3" '
		NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		$at[where] == value { n += $at[what] }
		END { print n }'
}

places="cli_virtual_server cli_members snmp_virtual_server snmp_members logs"
declare -A before
count_before() { local p; for p in $places; do before[$p]=$(in_$p); done; }

# Logs and shared file get there within a moment.
grew_by() { [ $(($(in_$1) - ${before[$1]})) = "$2" ]; }

get http4 / >/dev/null
sleep 0.3
count_before
tried_before=$(counter members_tried_again) replayed_before=$(counter http_requests_replayed)
client h2load --h1 -n $requests -c 256 http://10.0.0.100/ >"$tmp/h2load" 2>&1
equal h2load_every_request_succeeds "$requests succeeded, 0 failed, 0 errored" \
	"$(sed -n 's/^requests:.* done, \(.* succeeded, .* errored\),.*/\1/p' "$tmp/h2load")"
equal h2load_no_request_went_out_twice "0 0" \
	"$(($(counter members_tried_again) - tried_before)) $(($(counter http_requests_replayed) - replayed_before))"
for place in $places; do
	wait_until 3 grew_by "$place" $requests || :
	equal "h2load_requests_in_$place" $requests $(($(in_$place) - ${before[$place]}))
done
echo "note: $(grep '^finished' "$tmp/h2load")"

# Member by member, too.
for i in $servers; do
	member="10.0.1.1$i"
	equal "h2load_server${i}_cli_and_snmp_agree" "$(member_field "$member:80" REQUESTS)" \
		"$(snmp snmpget 10.0.9.1 -Oqv "FAIRLEAD-MIB::memberRequests.\"web\".1.4.$member.80")"
done
