# 100 MB at once and 100 times 10 MB in parallel, both ways, with two per cent loss.
# FAULT: p0:loss=2% p1:loss=2%
# LIMIT: 3600
# LONG
. "$(dirname "$0")/../lib.sh"
. "$lab/transfers.sh"

for kind in $kinds; do
	equal "${kind}_lossy_download_100m_is_whole" "$(sha_of 100m)" "$(download_sha "$kind" 100m 400)"
	check "${kind}_lossy_upload_100m_is_whole" upload_is_whole "$kind" "$out_lab/www/100m" "lossy-$kind" 400
	equal "${kind}_lossy_100_downloads_are_whole" 100 "$(parallel_downloads "$kind" 100 10m 600)"
	equal "${kind}_lossy_100_uploads_are_whole" 100 "$(parallel_uploads "$kind" 100 10m 600)"
done
