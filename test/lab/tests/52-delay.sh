# Delay, reordering and duplication at the client's port, and a bottleneck with a short queue at the members'.
# FAULT: p0:delay=10ms,reorder=1%,duplicate=1% p1:rate=200mbit,queue=30
# LIMIT: 120
. "$(dirname "$0")/../lib.sh"

for kind in $kinds; do
	equal "${kind}_reordered_download_10m_is_whole" "$(sha_of 10m)" "$(download_sha "$kind" 10m 40)"
	check "${kind}_reordered_upload_1m_is_whole" upload_is_whole "$kind" "$out_lab/www/1m" "late-$kind" 40
done
check overflow_of_the_short_queue_is_counted [ "$(drop_count fault_queue_full)" -gt 0 ]
