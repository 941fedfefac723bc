# Background processes of the lab, each with a pid file. Sourced by lab.sh.
#
# A pid file holds pid and start time, so that a number that the kernel gave to
# somebody else meanwhile is never signalled.

# process_start NAME NAMESPACE LOG CMD...
process_start()
{
	local name=$1 ns=$2 log=$3 pid
	shift 3

	process_alive "$name" && die "$name runs already, pid $(process_pid "$name")"
	mkdir -p "$state_dir"
	process_detached "$log" ip netns exec "$ns" "$@" &
	pid=$!
	echo "$pid $(start_time "$pid")" >"$state_dir/$name.pid"
}

# Its own session, and no descriptor of ours: a pipe held open by a daemon would
# keep whoever reads our output waiting. Every step is an exec, so the pid stays.
process_detached()
{
	local log=$1 fd
	shift

	for fd in /proc/self/fd/*; do
		fd=${fd##*/}
		[ "$fd" -gt 2 ] && eval "exec $fd>&-" 2>/dev/null
	done
	exec </dev/null >>"$log" 2>&1
	exec setsid "$@"
}

start_time()
{
	sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20
}

process_names()
{
	local f

	for f in "$state_dir"/*.pid; do
		[ -e "$f" ] && basename "$f" .pid
	done
	return 0
}

process_pid()
{
	cut -d' ' -f1 "$state_dir/$1.pid"
}

process_alive()
{
	local pid started

	[ -e "$state_dir/$1.pid" ] || return 1
	read -r pid started <"$state_dir/$1.pid" || return 1
	[ -n "$started" ] && [ "$(start_time "$pid")" = "$started" ] && ! is_zombie "$pid"
}

is_zombie()
{
	grep -qs '^State:.Z' "/proc/$1/status"
}

process_ended() { ! process_alive "$1"; }

# process_stop NAME: asks, waits five seconds, insists.
process_stop()
{
	local pid

	if process_alive "$1"; then
		pid=$(process_pid "$1")
		kill -TERM "$pid" 2>/dev/null || :
		if ! wait_until 5 process_ended "$1"; then
			say "$1 (pid $pid) does not end, killing it"
			kill -KILL "$pid" 2>/dev/null || :
			wait_until 5 process_ended "$1" || say "$1 (pid $pid) cannot be killed"
		fi
	fi
	rm -f "$state_dir/$1.pid"
}

# What has a pid file, then what still lives in our namespaces: workers of a
# killed server, a test's clients.
process_stop_all()
{
	local name ns pid

	for name in $(process_names); do
		process_stop "$name"
	done
	for ns in $namespaces; do
		[ -e "/run/netns/$ns" ] || continue
		for pid in $(ip netns pids "$ns"); do
			say "ending pid $pid ($(cat "/proc/$pid/comm" 2>/dev/null)), left in $ns"
			kill -TERM "$pid" 2>/dev/null || :
			wait_until 2 pid_gone "$pid" || kill -KILL "$pid" 2>/dev/null || :
		done
	done
}

pid_gone() { [ ! -e "/proc/$1" ] || is_zombie "$1"; }
