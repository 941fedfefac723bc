#!/usr/bin/env -S python3 -B
"""How long functions and files are: for information, nothing fails. Aims: DESIGN.md section 5."""
import re
import statistics

import lint


def functions(path):
    start = None
    for number, line in enumerate(lint.text(path).splitlines(), 1):
        match = re.match(r"([a-z_]\w*)\(", line)
        if match and start is None:
            start, name = number, match[1]
        elif line.startswith("}") and start is not None:
            yield number - start + 1, f"{path}:{start}: {name}"
            start = None
        elif line.endswith(";") and not line.startswith("\t") and start is not None:
            start = None  # a call of a macro


def show(what, sizes):
    lengths = sorted(length for length, _ in sizes)
    print(f"{len(lengths)} {what}: median {statistics.median(lengths):.0f}, 90% up to {lengths[len(lengths) * 9 // 10]} lines; the longest:")
    for length, where in sorted(sizes, reverse=True)[:8]:
        print(f"  {length:5} {where}")


def main():
    paths = [path for path in lint.files(".c") if not path.startswith("test/")]
    show("functions", [size for path in paths for size in functions(path)])
    show("files", [(lint.text(path).count("\n"), path) for path in paths])


main()
