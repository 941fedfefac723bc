#!/usr/bin/env bash
# All C files are as clang-format writes them; `make format` rewrites them. Tables (.tbl) keep their own shape.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

check_one()
{
	local said
	if said=$(clang-format --style=file --dry-run -Werror "$1" 2>&1); then
		echo "$1: .clang-format" >"$2"
	else
		echo "$1:$(cut -d: -f2 <<<"${said%%$'\n'*}"): is not as clang-format writes it; run \`make format\`"
		return 1
	fi
}
export -f check_one

main()
{
	# shellcheck disable=SC2046
	report format each_changed format "$(clang-format --version)" $(files .c .h)
}

main
