#!/usr/bin/env bash
# minimise.sh TARGET...: the corpus of each target becomes a small set of inputs that reaches all that it and what
# `make fuzz` has found reach together.
set -eu
corpus=test/fuzz/corpus found=out/fuzz/found

for target in "$@"; do
	small=$(mktemp -d)
	mkdir -p "$found/$target" "$corpus/$target"
	"out/fuzz/engine-$target" -set_cover_merge=1 -use_counters=0 "$small" "$corpus/$target" "$found/$target" \
		>"out/fuzz/log/$target-merge" 2>&1 || { cat "out/fuzz/log/$target-merge"; exit 1; }
	rm -rf "${corpus:?}/$target"
	mkdir "$corpus/$target"
	for input in "$small"/*; do
		name=$(basename "$input")
		mv "$input" "$corpus/$target/${name:0:12}"
	done
	rm -rf "$small"
	echo "$target: $(find "$corpus/$target" -type f | wc -l) inputs, $(du -bs "$corpus/$target" | cut -f 1) bytes"
done
