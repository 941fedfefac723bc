# Samples of bench-punt, lines of KIND RUN NAME VALUE, to a table: medians and, in brackets, smallest and largest of the runs.

{ value[$1, $2, $3] = $4; if ($2 > runs) runs = $2 }
$3 == "errors" { errors += $4 }

END {
	for (run = 1; run <= runs; run++)
		for (i = split("punted thrown", kinds); i; i--)
			take(kinds[i], run)
	row("requests/s while it is off", rate, count["rate"])
	row("worker busy, %", busy, count["rate"])
	row("punted flood costs, % of requests", punted, count["punted"])
	row("thrown flood costs, % of requests", thrown, count["thrown"])
	print "errors: " errors + 0
	exit errors != 0
}

function take(kind, run,    off, cost)
{
	off = value[kind, run, "flood_off_requests"]
	if (!off)
		return			# the run failed, which was said
	cost = 100 * (1 - value[kind, run, "flood_on_requests"] / off)
	count["rate"]++
	rate[count["rate"]] = 2 * off / value[kind, run, "seconds"]
	busy[count["rate"]] = 100 * value[kind, run, "subject_busy_share"]
	count[kind]++
	if (kind == "punted")
		punted[count[kind]] = cost
	else
		thrown[count[kind]] = cost
}

function row(name, v, n,    i, j, x)
{
	for (i = 2; i <= n; i++) {
		x = v[i]
		for (j = i - 1; j >= 1 && v[j] > x; j--)
			v[j + 1] = v[j]
		v[j + 1] = x
	}
	if (n)
		printf "%-36s %.2f (%.2f..%.2f)\n", name, (v[int((n + 1) / 2)] + v[int(n / 2) + 1]) / 2, v[1], v[n]
}
