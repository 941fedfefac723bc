# Delay, reordering and duplication at the client's port.
# FAULT: p0:delay=10ms,reorder=1%,duplicate=1%
# LIMIT: 120
. "$(dirname "$0")/../lib.sh"

for kind in $kinds; do
	equal "${kind}_reordered_download_10m_is_whole" "$(sha_of 10m)" "$(download_sha "$kind" 10m 40)"
	check "${kind}_reordered_upload_1m_is_whole" upload_is_whole "$kind" "$out_lab/www/1m" "late-$kind" 40
done
