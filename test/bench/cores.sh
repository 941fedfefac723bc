# Two cores: on one the load generator, the web servers and the far ends of all links; on the other
# the proxy under test and the kernel's work on its ports, p0 and p1. README.md says why, and what
# the accounts are worth. Sourced by benchmarks.

load_core=0
proxy_core=1
far_links="fl-client:eth0 fl-sw:c-client fl-sw:c-box fl-sw:s-box
	fl-sw:s-server1 fl-sw:s-server2 fl-sw:s-server3 fl-server1:eth0 fl-server2:eth0 fl-server3:eth0"
near_links="fl-box:p0 fl-box:p1"

# A veth delivers each packet at once, on the core of the sender. These make it a NIC that moderates
# its interrupts and hands packets to the core that it belongs to.
links_moderate()
{
	local link ns

	for link in $far_links $near_links; do
		ns=${link%:*} link=${link#*:}
		ip netns exec "$ns" ethtool -K "$link" gro on
		link_set "$ns" "$link" napi_defer_hard_irqs 100000
		link_set "$ns" "$link" gro_flush_timeout 50000
	done
	threads_pin "$far_links" $load_core
}

# link_set NAMESPACE LINK NAME VALUE
link_set()
{
	ip netns exec "$1" sh -c "echo $4 >/sys/class/net/$2/$3"
}

# To be called again whenever an XDP program came or went: the polling threads are new then.
near_threads_pin()
{
	threads_pin "$near_links" $proxy_core
}

# threads_pin LINKS CORE
threads_pin()
{
	local link tid

	for link in $1; do
		link_set "${link%:*}" "${link#*:}" threaded 0
		link_set "${link%:*}" "${link#*:}" threaded 1
		[ -n "$(kernel_threads "napi/${link#*:}-")" ] || die "$link has no polling thread"
		for tid in $(kernel_threads "napi/${link#*:}-"); do
			taskset -pc "$2" "$tid" >/dev/null
			chrt -f -p 1 "$tid"
		done
	done
}

# kernel_threads BEGINNING: of their names. (Links called eth0 are far ones in all namespaces.)
kernel_threads()
{
	grep -s "^$1" /proc/[0-9]*/comm | cut -d/ -f3
}

# ---- accounts: CPU time so far ----

# The scheduler's own, exact, in ns. threads_ns TID...
threads_ns()
{
	local tid ns sum=0

	for tid; do
		read -r ns _ <"/proc/$tid/schedstat" && sum=$((sum + ns))
	done
	echo $sum
}

# What the kernel does for the proxy in threads of its own: receiving, and its soft interrupts.
near_kernel_ns()
{
	local link tids=

	for link in $near_links; do
		tids+=" $(kernel_threads "napi/${link#*:}-")"
	done
	threads_ns $tids $(kernel_threads "ksoftirqd/$proxy_core")
}

# Of the proxy's core, in ms so far: all, without work, stolen by the machine below; and the kernel's threads as above.
core_account()
{
	awk -v cpu="cpu$proxy_core" -v tick_ms=$((1000 / $(getconf CLK_TCK))) -v wall_ms="$(date +%s%3N)" \
		-v kernel_ns="$(near_kernel_ns)" '
		$1 == cpu { print wall_ms, ($5 + $6) * tick_ms, $9 * tick_ms, kernel_ns / 1000000 }' /proc/stat
}

# core_used BEFORE AFTER, of those four numbers each
core_used()
{
	echo "$@" | awk '{
		all = $5 - $1
		printf "core_share %.4f\nkernel_share %.4f\n", (all - ($6 - $2) - ($7 - $3)) / all, ($8 - $4) / all
	}'
}
