# Datagrams in fragments, by a kernel and made by hand, while a transfer goes on.
# AGAIN
. "$(dirname "$0")/../lib.sh"

whole=$(counter ip_datagrams_reassembled)
sent=$(counter ip_fragments_sent)
timeouts=$(drop_count ip_fragment_timeout)
background_start $http
for address in 10.0.0.1 10.0.0.100 fd00::1 fd00::100; do
	for size in 1480 3000 20000; do
		check "ping_${address}_of_${size}_answered" client ping -c 4 -i 0.2 -W 2 -q -s $size "$address"
	done
done
check ping_of_largest_size_answered client ping -c 4 -i 0.2 -W 2 -q -s 65507 10.0.0.1
check ping6_of_largest_size_answered client ping -c 4 -i 0.2 -W 2 -q -s 65500 fd00::1
check datagrams_put_together_are_counted wait_until 2 counter_grew ip_datagrams_reassembled "$whole" 14
check fragments_sent_are_counted wait_until 2 counter_grew ip_fragments_sent "$sent" 28
for kind in ip_fragment_overlap ip_fragment_overlap/6 ip_fragment_duplicate ip_fragment_duplicate/6; do
	before=$(drop_count ${kind%/*})
	client python3 "$lab/frames.py" eth0 $kind 3
	check "${kind/\//_on_v}_is_dropped" wait_until 2 drop_grew ${kind%/*} "$before" 2
done
check fragments_left_alone_time_out wait_until 10 drop_grew ip_fragment_timeout "$timeouts" 2
equal traffic_among_fragments_unharmed 0 "$(background_failures)"
