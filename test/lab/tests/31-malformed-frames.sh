# Frames that no sane host sends: each is counted under its reason, none does harm.
# LIMIT: 150
. "$(dirname "$0")/../lib.sh"

for kind in $(python3 "$lab/frames.py" list); do
	reason=${kind%/*}
	name=frame_${kind/\//_on_v}_counted
	before=$(drop_count "$reason")
	client python3 "$lab/frames.py" eth0 "$kind" 5
	wait_until 2 drop_grew "$reason" "$before" 5 && ok "$name" ||
		fail "$name" "$reason went from $before to $(drop_count "$reason"), sent 5"
done

background_start $http
client python3 "$lab/frames.py" eth0 noise 1 20000
equal traffic_through_noise_unharmed 0 "$(background_failures)"
check data_plane_lives_after_noise cli show version
for kind in $kinds; do
	check "${kind}_answered_after_noise" get "$kind" /1m -o /dev/null
done
