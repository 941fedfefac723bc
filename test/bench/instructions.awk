# What callgrind wrote to a line a function: what it did itself, the same with all that it called, FILE:FUNCTION; and a line
# with all together, called total. Inlined code counts for the function that it is in. Paths begin at the top of the tree.

/^fl=/ { file = name(files, substr($0, 4)) }
/^fn=/ { function_name = name(functions, substr($0, 4)); key = short(file) ":" function_name }
/^c(fi|fl|fn)=/ { if ($0 ~ /^cfn=/) name(functions, substr($0, 5)); else name(files, substr($0, 5)) }
/^f[ie]=/ { name(files, substr($0, 4)) }
/^calls=/ { getline; all[key] += $2; next }
/^[0-9+*-]/ { self[key] += $2; all[key] += $2; total += $2 }

END {
	for (key in all)
		print self[key] + 0, all[key], key
	print total + 0, total + 0, "total"
}

# "(12) name" says what (12) alone means from then on.
function name(names, text,    at)
{
	at = index(text, " ")
	if (!at)
		return names[text]
	return names[substr(text, 1, at - 1)] = substr(text, at + 1)
}

function short(path)
{
	if (match(path, /(^|\/)(fw|drivers|dataplane|mgmt|test)\/[a-z0-9_\/-]*\.[ch]$/))
		path = substr(path, RSTART)
	else
		sub(/^.*\//, "", path)
	sub(/^\//, "", path)
	return path == "???" ? "library" : path
}
