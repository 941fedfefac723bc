# Of the values of several runs: the median and, in brackets, smallest and largest. Beside another awk program.

function spread(values, n, format)
{
	if (!n)
		return "-"
	sort_values(values, n)
	return sprintf(format " (" format ".." format ")", middle(values, n), values[1], values[n])
}

# Of sorted ones.
function middle(values, n)
{
	return (values[int((n + 1) / 2)] + values[int(n / 2) + 1]) / 2
}

function sort_values(values, n,    i, j, one)
{
	for (i = 2; i <= n; i++) {
		one = values[i]
		for (j = i - 1; j >= 1 && values[j] > one; j--)
			values[j + 1] = values[j]
		values[j + 1] = one
	}
}
