# Two per cent of all frames lost at both ports: everything arrives whole all the same.
# The long version is 51-loss-full.sh.
# FAULT: p0:loss=2% p1:loss=2%
# LIMIT: 240
. "$(dirname "$0")/../lib.sh"
. "$lab/transfers.sh"

for kind in $kinds; do
	equal "${kind}_lossy_download_10m_is_whole" "$(sha_of 10m)" "$(download_sha "$kind" 10m 60)"
	check "${kind}_lossy_upload_10m_is_whole" upload_is_whole "$kind" "$out_lab/www/10m" "lossy-$kind" 60
	equal "${kind}_lossy_parallel_downloads_are_whole" 20 "$(parallel_downloads "$kind" 20 1m 60)"
	equal "${kind}_lossy_parallel_uploads_are_whole" 20 "$(parallel_uploads "$kind" 20 1m 60)"
done
[ "$(drop_count fault_loss)" -gt 0 ] && ok lossy_ports_lost_frames || fail lossy_ports_lost_frames "none"
