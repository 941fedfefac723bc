#!/bin/bash
# boot.sh: `make boot`: the lab with a machine in it that boots a board's image; its serial console on the terminal.
# Ctrl-] leaves it. Without a terminal: waits for the login prompt, says when that came, and switches off.
# Either way the lab is gone afterwards.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ -e /etc/fairlead-sdk ] || exec "$here/../../images/sdk/enter.sh" "$here/boot.sh" "$@"
export FL_BOX=image
lab=$here/../lab
state_dir=/run/fairlead-lab
prompt='login: |New password for admin: '

main()
{
	"$lab/lab.sh" up >/dev/null	# if it fails it leaves nothing, and what is there is somebody else's
	trap '"$lab/lab.sh" down' EXIT
	trap 'exit 130' INT TERM HUP
	if [ -t 0 ] && [ -t 1 ]; then
		usage
		socat "-,raw,echo=0,escape=0x1d" "UNIX-CONNECT:$state_dir/console.sock" || :
		echo
	else
		watch_boot
	fi
}

usage()
{
	cat <<-END
	Ctrl-] leaves the console and ends machine and lab. First the firmware starts, for up to a minute without a word.
	Management: ip netns exec fl-mgmt ssh admin@10.0.9.1, once it has that address:
	  configure, set management-address 10.0.9.1/24 gateway 10.0.9.2, commit
	END
}

watch_boot()
{
	local what

	echo "accelerator: $(cat /run/fairlead-accel)"
	for what in 'Linux version' 'starting systemd' "$prompt"; do
		"$here/console.py" expect 900 "$what" >/dev/null
		printf '%6s s from power-on: %s\n' "$("$here/console.py" seconds)" "$what"
	done
}

main
