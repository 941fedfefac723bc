# A thousand virtual servers over a thousand pools of ten members come and go under load: no
# request fails, and no step of taking them over stalls the worker. A step is measured by its
# thread, in processor time: on a machine whose cores are shared, wall clock would tell of
# others. What is measured has no traffic of its own: all new members are watched by what becomes of
# their sessions' connections, a hundred pools of them also by a monitor that asks once an hour.
# LIMIT: 120
. "$(dirname "$0")/../lib.sh"

stall_limit_us=100

# The lab's configuration with a thousand virtual servers, pools and ten thousand members more.
big_configuration()
{
	awk '
	/^monitors = \(/ {
		print
		print "\t{ name = \"hourly\"; type = \"tcp\"; interval-ms = 3600000; fall = 2; rise = 2; },"
		next
	}
	/^pools = \(/ {
		print
		for (p = 0; p < 1000; p++) {
			printf "\t{ name = \"pool%d\"; method = \"round-robin\"; passive-fall = 3;%s members = (\n",
				p, p % 10 ? "" : " monitor = \"hourly\";"
			for (m = 0; m < 10; m++)
				printf "\t\t{ address = \"10.0.1.%d\"; port = %d; }%s\n",
					11 + m % 3, 20000 + 10 * p + m, m < 9 ? "," : ""
			print "\t); },"
		}
		next
	}
	/^virtual-servers = \(/ {
		print
		for (p = 0; p < 1000; p++)
			printf "\t{ name = \"vs%d\"; address = \"10.0.0.100\"; port = %d; type = \"http\"; pool = \"pool%d\"; },\n",
				p, 10000 + p, p
		next
	}
	{ print }' "$lab/default.conf"
}

big_configuration >"$tmp/big.conf"
adoptions=$(counter config_adoptions)
client wrk -t 1 -c 64 -d 20s --timeout 5s "${url[$http]}/1k" >"$tmp/wrk" 2>&1 &
wrk=$!
sleep 1
for ((i = 0; i < 3; i++)); do
	began=$(date +%s%N)
	check "big_commit_${i}_loads" cli load "$tmp/big.conf"
	echo "note: loaded in $((($(date +%s%N) - began) / 1000000)) ms"
	sleep 1
	check "big_commit_${i}_default_loads" cli load "$lab/default.conf"
	sleep 1
done
# Listings at the same time get an answer each.
listings=
for ((i = 0; i < 4; i++)); do
	(for ((k = 0; k < 5; k++)); do cli show connections; done >"$tmp/listing.$i") &
	listings+=" $!"
done
for pid in $listings; do
	wait "$pid" && [ "$(wc -l <"$tmp/listing.0")" -gt 320 ] && ok listing_at_once_is_answered ||
		fail listing_at_once_is_answered "$(wc -l <"$tmp/listing.0") lines"
done
kill -INT $wrk
wait $wrk && ok big_commit_wrk_runs || fail big_commit_wrk_runs "$(tail -n 1 "$tmp/wrk")"
equal big_commit_wrk_no_socket_error "" "$(grep 'Socket errors' "$tmp/wrk")"
equal big_commit_wrk_no_bad_status "" "$(grep 'Non-2xx' "$tmp/wrk")"
check big_commit_adoptions_are_counted counter_grew config_adoptions "$adoptions" 6
longest=$(counter config_adopt_longest_us)
echo "note: the longest step of all adoptions took $longest us"
[ "${longest:-0}" -gt 0 ] && [ "$longest" -le $stall_limit_us ] && ok big_commit_worker_is_not_stalled ||
	fail big_commit_worker_is_not_stalled "$longest us, more than $stall_limit_us"
check big_commit_members_are_up wait_until 6 all_members_up
