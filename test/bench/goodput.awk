# Samples of bench-goodput to its table. A line of input: LOSS RTT DIRECTION RUN FAIRLEAD LINUX, both
# in bits per second; the lines of a point follow each other.

BEGIN {
	target = 0.95
	printf "%-9s %5s %6s   %-21s   %-21s   %6s   %-12s\n", "", "loss", "RTT", "Fairlead Mbit/s", "Linux Mbit/s", "ratio", "pair by pair"
}

{
	if (point != $3 " " $1 " " $2)
		row()
	point = $3 " " $1 " " $2
	n++
	ours[n] = $5 / 1e6
	theirs[n] = $6 / 1e6
	pairs[n] = $6 ? $5 / $6 : 0
}

END {
	row()
	printf below ? "%d of %d points below %.0f%% of Linux\n" : "all points at or above the target\n", below, points, 100 * target
}

function row(	part, our, their, ratio)
{
	if (!n)
		return
	split(point, part, " ")
	our = median(ours)
	their = median(theirs)
	median(pairs)
	ratio = their ? our / their : 0
	points++
	below += ratio < target
	printf "%-9s %4s%% %3s ms   %s   %s   %5.1f%%   %3.0f..%3.0f%%   %s\n", part[1], part[2], part[3],
		spread(our, ours), spread(their, theirs), 100 * ratio, 100 * pairs[1], 100 * pairs[n],
		ratio < target ? "BELOW 95%" : "ok"
	n = 0
}

# Sorts values 1 to n on the way.
function median(values,	i, j, value)
{
	for (i = 2; i <= n; i++) {
		value = values[i]
		for (j = i - 1; j >= 1 && values[j] > value; j--)
			values[j + 1] = values[j]
		values[j + 1] = value
	}
	return n % 2 ? values[(n + 1) / 2] : (values[n / 2] + values[n / 2 + 1]) / 2
}

function spread(middle, values)
{
	return sprintf("%6.2f %6.2f..%6.2f", middle, values[1], values[n])
}
