# The table at the end of `make bench`: aims.txt first, then the samples of the rigs. Behind runs.awk. '!' marks figures of
# runs that had errors or failed: they meet nothing, and neither does what is compared with them.

FILENAME ~ /aims\.txt$/ {
	if ($0 !~ /^#/ && $0 != "") {
		n = split($0, column, /[ ]*\|[ ]*/)
		if (n != 7)
			print FILENAME ":" FNR ": " n " columns instead of 7"
		aims++
		for (i = 1; i <= 7; i++)
			aim[aims, i] = column[i]
	}
	next
}

FILENAME ~ /device\.txt$/ { take("device", "fairlead", $1, $2, $3, $4) }
FILENAME ~ /wire\.txt$/ { take("wire", $1, $2, $3, $4, $5) }
FILENAME ~ /micro\.txt$/ {
	micro_ours[$1] = $2 " " $3
	micro_value[$1] = $2
	micro_peer[$1] = $4 == "-" ? "-" : $4 " " $3 " (" $5 ")"
	micro_ratio[$1] = $6
	micro_spread[$1] = $6 " (" $7 ".." $8 ")"
}

function take(rig, subject, work, run, name, figure)
{
	value[rig, subject, work, name, run] = figure
	if (rig == "wire" && subject != "fairlead" && subject != "forwarder")
		peers[subject]
	if (run > runs)
		runs = run
	if (name == "failed")
		failed[rig, subject, work]
	if ((name == "errors" && figure > 0) || name == "failed")
		marked[rig, subject, work] = "!"
}

END {
	format = "%-42s %-38s %24s %34s %22s %6s %6s  %s\n"
	printf format, "metric", "rig and ports: ours / peer's", "fairlead", "best peer", "ratio", "aim", "beyond", "met?"
	for (i = 1; i <= aims; i++)
		line(i)
	print ""
	print "Medians (smallest..largest). Ratios: run by run to the best peer of that run. ! had errors. The wire rig compares;"
	print "the device rig shows the capacity on a port that costs little, as a NIC with its own DPDK driver does."
}

function line(i,    ours, theirs, part, figure, mark)
{
	split(aim[i, 3], part, " ")
	mark = ""
	if (part[1] == "micro") {
		ours = (part[2] in micro_ours) ? micro_ours[part[2]] : "-"
		theirs = aim[i, 4] == "-" ? "-" : micro_peer[part[2]]
		shown = aim[i, 4] == "-" ? "-" : micro_spread[part[2]]
		figure = aim[i, 4] == "-" ? micro_value[part[2]] : micro_ratio[part[2]]
	} else {
		mark = marked[part[1], "fairlead", part[2]]
		ours = ours_of(part) mark
		figure = aim[i, 4] == "-" ? figure_ours : against(i)
		theirs = aim[i, 4] == "-" ? "-" : theirs_name
		if (aim[i, 4] == "-")
			shown = "-"
		mark = mark theirs_mark
	}
	printf format, aim[i, 1], aim[i, 2], ours, theirs == "" ? "-" : theirs, shown == "" ? "-" : shown, aim[i, 6], aim[i, 7],
		met(figure, aim[i, 5] == "more" ? 1 : -1, aim[i, 6], aim[i, 7], mark)
}

# Of part: RIG WORKLOAD NAME. Sets figure_ours.
function ours_of(part,    run, n, values)
{
	for (run = 1; run <= runs; run++)
		if ((part[1], "fairlead", part[2], part[3], run) in value)
			values[++n] = value[part[1], "fairlead", part[2], part[3], run]
	shown = spread(values, n, "%.0f")
	figure_ours = n ? middle(values, n) : ""
	theirs_mark = theirs_name = ""
	return shown
}

# The ratio's median, of line i; sets shown, theirs_name, theirs_mark. The peer that is named is the one that was the best of most
# runs; a mark is that of any that was, or of one that failed and might have been.
function against(i,    ours, theirs, run, n, values, best, who, peer, better, wins, most)
{
	split(aim[i, 3], ours, " ")
	split(aim[i, 4], theirs, " ")
	better = aim[i, 5] == "more" ? 1 : -1
	most = ""
	for (run = 1; run <= runs; run++) {
		best = who = ""
		for (peer in peers)
			if (!(4 in theirs) && better_one(theirs, peer, run, best, better)) {
				best = value[theirs[1], peer, theirs[2], theirs[3], run]
				who = peer
			}
		if (4 in theirs && better_one(theirs, theirs[4], run, best, better)) {
			who = theirs[4]
			best = value[theirs[1], who, theirs[2], theirs[3], run]
		}
		if (who != "")
			wins[who]++
		if (best > 0 && (ours[1], "fairlead", ours[2], ours[3], run) in value)
			values[++n] = value[ours[1], "fairlead", ours[2], ours[3], run] / best
	}
	for (who in wins) {
		if (most == "" || wins[who] > wins[most])
			most = who
		if ((theirs[1], who, theirs[2]) in marked)
			theirs_mark = "!"
	}
	for (peer in peers)
		if (!(4 in theirs) && (theirs[1], peer, theirs[2]) in failed)
			theirs_mark = "!"
	if (most != "")
		theirs_name = peer_spread(theirs, most) theirs_mark " (" most ")"
	shown = spread(values, n, "%.2f")
	return n ? middle(values, n) : ""
}

function better_one(theirs, peer, run, best, better)
{
	if (!((theirs[1], peer, theirs[2], theirs[3], run) in value))
		return 0
	return best == "" || (value[theirs[1], peer, theirs[2], theirs[3], run] - best) * better > 0
}

function peer_spread(theirs, peer,    run, n, values)
{
	for (run = 1; run <= runs; run++)
		if ((theirs[1], peer, theirs[2], theirs[3], run) in value)
			values[++n] = value[theirs[1], peer, theirs[2], theirs[3], run]
	return spread(values, n, "%.0f")
}

function met(figure, better, aimed, beyond, mark)
{
	if (figure == "" || figure == "-")
		return "not measured"
	if (mark != "")
		return "errors"
	if (beyond != "-" && (figure - beyond) * better >= 0)
		return "beyond"
	return (figure - aimed) * better >= 0 ? "yes" : "no"
}
