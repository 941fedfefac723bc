# Samples to a table: medians and, in brackets, smallest and largest of the runs; and Fairlead's
# ratio to the peer run by run, which is what counts. A line of samples:
#
#   path proxy run requests errors median_us p99_us, then twice (before and after the load)
#   time process kernel busy_turns load_core proxy_core, all in ns

{
	path = $1; proxy = $2; run = $3
	if (!(path in seen))
		order[++paths] = path
	seen[path] = 1
	wall = $14 - $8
	process = $15 - $9
	kernel = $16 - $10
	busy = $17 - $11
	if (proxy == "fairlead")	# it polls: only turns that found work count
		process *= busy / wall
	else
		peer = proxy
	rate[path, proxy, run] = $4 / wall * 1e9
	cost[path, proxy, run] = (process + kernel) / 1000 / $4
	share[path, proxy, run] = 100 * kernel / (process + kernel)
	half[path, proxy, run] = $6
	most[path, proxy, run] = $7
	load_core[path, proxy, run] = 100 * ($18 - $12) / wall
	used[path, proxy, run] = 100 * (process + kernel) / wall
	other[path, proxy, run] = 100 * ($19 - $13 - ($15 - $9) - kernel) / wall
	errors += $5
	if (run > runs)
		runs = run
}

END {
	for (i = 1; i <= paths; i++) {
		printf "\n%-24s %24s %24s %22s\n", order[i], "fairlead", peer, "fairlead/" peer
		row("requests/s", rate, order[i], "%.0f", 1)
		row("CPU us/request", cost, order[i], "%.2f", 1)
		row("of it in the kernel, %", share, order[i], "%.0f", 0)
		row("latency median, us", half, order[i], "%.0f", 1)
		row("latency 99%, us", most, order[i], "%.0f", 1)
		row("load's core busy, %", load_core, order[i], "%.0f", 0)
		row("proxy's core used, %", used, order[i], "%.0f", 0)
		row("and by others, %", other, order[i], "%.0f", 0)
	}
	printf "\nfailed requests: %d\n", errors
}

function row(name, table, path, format, with_ratio,    run)
{
	for (run = 1; run <= runs; run++) {
		ours[run] = table[path, "fairlead", run]
		theirs[run] = table[path, peer, run]
		ratio[run] = ours[run] / (theirs[run] ? theirs[run] : 1)
	}
	printf "%-24s %24s %24s %22s\n", name, spread(ours, format), spread(theirs, format),
		with_ratio ? spread(ratio, "%.2f") : ""
}

function spread(values, format)
{
	sort(values)
	return sprintf(format " (" format ".." format ")", middle(values), values[1], values[runs])
}

function middle(values)
{
	return (values[int((runs + 1) / 2)] + values[int(runs / 2) + 1]) / 2
}

function sort(values,    i, j, value)
{
	for (i = 2; i <= runs; i++) {
		value = values[i]
		for (j = i - 1; j >= 1 && values[j] > value; j--)
			values[j + 1] = values[j]
		values[j + 1] = value
	}
}
