#!/usr/bin/env bash
# run-in.sh TREE PROGRAM ARGV0 ARG...: runs a program of a tree with that tree's libraries, without entering the tree.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
tree=$1 program=$2 argv0=$3
shift 3
exec "$tree/usr/lib64/ld-linux-x86-64.so.2" --library-path "$tree/usr/lib/x86_64-linux-gnu" --argv0 "$argv0" "$tree/$program" "$@"
