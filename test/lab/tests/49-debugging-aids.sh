# What an engineer looks with when something is wrong: one connection in full, drops by reason,
# a packet's walk, and a capture that other tools read.
# LIMIT: 60
. "$(dirname "$0")/../lib.sh"

# Not by a function: what is sent a signal must be the program itself.
box="$bin/fairlead --run-dir $run_dir"

# A capture or trace says so when it has begun: what is sent from now on is seen.
begun() { wait_until 10 grep -q 'ends it$' "$1"; }

field() { awk -v name="$1" '$1 == name { print $2 }' "$tmp/connection"; }

# ---- show connection, in the middle of a slow download ----

ip netns exec fl-client curl -g -sS -m 30 -o /dev/null --limit-rate 5M "${url[tcp4]}/100m" 2>/dev/null &
download=$!
listed_id() { awk '$4 == "client" && $5 == "ESTABLISHED" && $6 == "10.0.0.101:80" { print $2; exit }' "$tmp/connections"; }
under_way()
{
	cli show connections >"$tmp/connections"
	cli show connection "$(listed_id)" >"$tmp/connection" 2>/dev/null && [ "$(field bytes_out)" -gt 1000000 ]
}
check connection_of_a_download_is_found wait_until 10 under_way
id=$(listed_id)
remote=$(field remote)
# A connection to somebody else may come from the same port.
client ss -Htin "sport = :${remote##*:} and dst 10.0.0.101" >"$tmp/ss"
cli show connection "$(field peer)" >"$tmp/peer"
kill $download
wait $download || :

equal connection_of_a_download_is_established ESTABLISHED "$(field state)"
equal connection_of_a_download_has_its_id "$id" "$(field id)"
equal connection_of_a_download_names_its_virtual_server raw "$(field virtual_server)"
equal connection_of_a_download_names_its_pool web "$(field pool)"
check connection_of_a_download_names_its_member grep -q '^member *10\.0\.1\.1[123]:80 ' "$tmp/connection"
equal connection_agrees_with_the_peer_about_mss "$(sed -n 's/.* rcvmss:\([0-9]*\) .*/\1/p' "$tmp/ss")" "$(field mss)"
# ss: wscale:SEND,RECEIVE of the peer
equal connection_agrees_with_the_peer_about_scales \
	"$(sed -n 's/.*wscale:\([0-9]*\),\([0-9]*\).*/\1 \2/p' "$tmp/ss")" "$(field rcv_scale) $(field snd_scale)"
check connection_has_sent_what_the_peer_received test "$(field bytes_out)" -gt 1000000
check connection_has_a_window_and_a_round_trip test "$(field cwnd)" -ge 14480 -a "$(field srtt)" -gt 0
check connection_numbers_are_relative test "$(field snd_una)" -le "$(field snd_nxt)" -a "$(field rcv_nxt)" -lt 1000
equal connection_of_a_download_leads_to_its_other_one "$id" "$(awk '$1 == "peer" { print $2 }' "$tmp/peer")"
equal connection_to_the_member_is_a_servers server "$(awk '$1 == "role" { print $2 }' "$tmp/peer")"
cli show connection 0.4000000 >"$tmp/said" 2>&1 && fail connection_unknown_is_refused "no error" ||
	check connection_unknown_is_refused grep -q 'there is no connection 0.4000000 now' "$tmp/said"

# ---- show drops ----

before=$(drop_count tcp_no_listener)
client curl -sS -m 2 "http://10.0.0.100:9999/" >/dev/null 2>&1 || :
check drop_is_counted_by_its_reason wait_until 3 drop_grew tcp_no_listener "$before" 1
# The time comes a moment after the count.
drop_has_a_time() { cli show drops | grep -q "^tcp_no_listener .* $(date -u +%Y-%m-%dT).*Z  no virtual server at this address and port\$"; }
check drops_have_a_time_and_a_text wait_until 3 drop_has_a_time
check drops_all_has_those_that_did_not_occur grep -q '^arp_malformed  *0 ' <(cli show drops all)

# ---- trace packet ----

$box trace packet "tcp port 80 and host 10.0.0.100" 12 >"$tmp/trace" 2>"$tmp/trace.err" &
trace=$!
begun "$tmp/trace.err"
get http4 / >/dev/null
get http4 / >/dev/null
wait $trace
equal trace_ends_after_its_packets 0 $?
equal trace_has_as_many_packets_as_wanted 12 "$(grep -c '^packet ' "$tmp/trace")"
check trace_has_the_way_in grep -q '^packet [0-9]* .* in by port p0 ' "$tmp/trace"
check trace_has_the_way_out grep -q '^packet [0-9]* .* out by port p0 ' "$tmp/trace"
check trace_has_macs_and_type grep -q '^  ethernet .* > .* type 0x0800 IPv4  \[passed\]' "$tmp/trace"
check trace_has_addresses grep -q '^  ip  *10.0.0.2 > 10.0.0.100  protocol 6  ttl 64 ' "$tmp/trace"
check trace_has_the_syn grep -q '^  tcp .* > 80  SYN  seq 0 .* options mss 1460, ' "$tmp/trace"
check trace_has_the_connection grep -q '^  connection  *[0-9]*\.[0-9]*  new -> SYN-RECEIVED' "$tmp/trace"
check trace_has_the_change_of_state grep -q 'SYN-RECEIVED -> ESTABLISHED' "$tmp/trace"
check trace_has_what_changed grep -q 'rcv_nxt 1 -> [0-9]' "$tmp/trace"
check trace_has_events grep -q 'events .*readable' "$tmp/trace"
check trace_ends_at_the_port grep -q '^  port  *p0  \[sent\]' "$tmp/trace"

$box trace packet "tcp dst port 9999" 1 on p0 >"$tmp/trace" 2>"$tmp/trace.err" &
trace=$!
begun "$tmp/trace.err"
client curl -sS -m 2 "http://10.0.0.100:9999/" >/dev/null 2>&1 || :
wait $trace
equal trace_of_a_dropped_packet_ends 0 $?
check trace_has_the_drop_reason grep -q '^  dropped  *tcp_no_listener: no virtual server' "$tmp/trace"

# ---- capture ----

$box capture "tcp port 80 and host 10.0.0.100" "$tmp/p0.pcapng" on p0 >"$tmp/said" 2>&1 &
capture=$!
begun "$tmp/said"
get http4 /100k >/dev/null
kill -INT $capture
wait $capture
equal capture_ends_by_interrupt 0 $?
check capture_says_what_it_has grep -q 'frames captured, 0 lost' "$tmp/said"
tcpdump -nn -tt -r "$tmp/p0.pcapng" >"$tmp/frames" 2>"$tmp/tcpdump.err"
frames=$(wc -l <"$tmp/frames")
equal capture_has_as_many_frames_as_it_says "$frames" "$(awk '/captured/ { print $1 }' "$tmp/said")"
check capture_has_syn_and_its_answer test "$(grep -c 'Flags \[S' "$tmp/frames")" = 2
check capture_has_the_whole_body test "$(tcpdump -nn -q -r "$tmp/p0.pcapng" 2>/dev/null |
	awk '/10.0.0.100.80 >/ { n += $NF } END { print n }')" -gt 102400
check capture_times_are_now awk -v now="$(date +%s)" '$1 < now - 30 || $1 > now + 1 { exit 1 }' "$tmp/frames"
check capture_has_checksums_that_are_right test "$(tcpdump -nn -vv -r "$tmp/p0.pcapng" 2>/dev/null | grep -c incorrect)" = 0

$box capture "tcp port 80" "$tmp/both.pcapng" count 30 snap-bytes 80 >"$tmp/said" 2>&1 &
capture=$!
begun "$tmp/said"
get http4 /100k >/dev/null
wait $capture
equal capture_ends_after_its_count 0 $?
equal capture_has_its_count 30 "$(tcpdump -nn -r "$tmp/both.pcapng" 2>/dev/null | wc -l)"
check capture_has_both_sides test "$(tcpdump -nn -r "$tmp/both.pcapng" 'net 10.0.1.0/24' 2>/dev/null | wc -l)" -gt 0

cli capture "tcp prot 80" "$tmp/wrong.pcapng" >"$tmp/said" 2>&1 && fail capture_filter_wrong_is_refused "no error" ||
	check capture_filter_wrong_is_refused grep -q '^wrong filter "tcp prot 80": ' "$tmp/said"
check capture_filter_wrong_makes_no_file test ! -e "$tmp/wrong.pcapng"
cli capture "tcp" "$tmp/no/such/file" >"$tmp/said" 2>&1 && fail capture_file_impossible_is_refused "no error" ||
	check capture_file_impossible_is_refused grep -q 'No such file or directory' "$tmp/said"
