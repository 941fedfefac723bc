# Reads layers.txt, the list of all files, and the lines with an #include as c_code prints them.

FILENAME == ARGV[1] {
	sub(/#.*/, "")
	colon = index($0, ":")
	if (colon) {
		folder = substr($0, 1, colon - 1)
		names = substr($0, colon + 1) " "
		gsub(/[ \t]+/, " ", names)
		if (sub(/^!/, "", folder))
			denied[folder] = names
		else
			allowed[folder] = names
	}
	next
}

FILENAME == ARGV[2] {
	exists[$0]
	next
}

# The longest folder of layers.txt that holds a file; "" if there is none.
function layer_of(path)
{
	while (sub(/\/[^\/]*$/, "", path))
		if (path in allowed)
			return path
	return ""
}

function may_include(layer, name, others, n, i)
{
	# A layer's files are its own, but not those of a folder below it that is a layer too.
	if (layer_of(name) == layer)
		return 1
	n = split(allowed[layer], others, " ")
	for (i = 1; i <= n; i++)
		if (index(name, others[i] "/") == 1)
			return 1
	return 0
}

function finding(why)
{
	print $1 ":" $2 ": " why
}

{
	layer = layer_of($1)
	name = $0
	sub(/^[^<"]*/, "", name)
	match(name, /^.[^>"]*[>"]/)
	name = substr(name, 1, RLENGTH)
	bare = substr(name, 2, RLENGTH - 2)
	if (layer == "")
		finding("stands in no folder of test/lint/layers.txt; name it there, with what it may include")
	else if (name ~ /^</ && index(denied[layer], " " name " "))
		finding(name " has no place in the stack; time, packets and memory come by argument")
	else if (name ~ /^</ && bare in exists)
		finding(name " is ours; write it in quotes")
	else if (name ~ /^"/ && !(bare in exists))
		finding(name " is not a file as seen from the root; write it from there")
	else if (name ~ /^"/ && !may_include(layer, bare))
		finding(layer " may not include " name "; it may include:" (allowed[layer] ~ /[^ ]/ ? allowed[layer] : " nothing else"))
}
