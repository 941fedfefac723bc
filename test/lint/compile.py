#!/usr/bin/env -S python3 -B
"""Files compile, with the flags that make wrote down, without producing anything.

compile.py headers [OUT]   each header alone, with gcc
compile.py clang [OUT]     each C file with clang, whose warnings are others than gcc's

What passed is remembered with the contents of all project files that it included.
"""
import shlex
import subprocess
import sys

import lint


def flags(out):
    words = shlex.split(lint.text(f"{out}/flags"))[1:]
    kept = [word for word in words if not word.startswith(("-D_FORTIFY_SOURCE", "-fsanitize", "-fno-sanitize", "--coverage"))]
    # What make defines for single files only.
    return kept + ["-O0", '-DFAIRLEAD_VERSION=""', "-DUNIT_SUITES=SUITE(none)", "-DUNIT_DPDK", "-fsyntax-only"]


def command(kind, common, path):
    if kind == "headers":
        return ["gcc", *common, "-include", path, "-x", "c", "/dev/null"]
    return ["clang", *common, "-Wno-unknown-warning-option", path]


def fingerprint(deps):
    return lint.digest(*(open(path, "rb").read() for path in deps))


def unchanged(entry):
    deps, known = entry
    try:
        return fingerprint(deps) == known
    except OSError:
        return False


def compile_one(kind, common, path):
    """None and what the file includes of ours, or the compiler's first complaint."""
    result = subprocess.run([*command(kind, common, path), "-MD", "-MF", "/dev/stdout"], capture_output=True, text=True)
    if result.returncode:
        lines = [line for line in result.stderr.splitlines() if "error" in line]
        return (lines or result.stderr.splitlines() or ["failed"])[0], None
    words = result.stdout.replace("\\\n", " ").split()[1:]
    return None, sorted({word for word in words if not word.startswith("/")} | {path})


def main():
    kind, out = sys.argv[1], (sys.argv[2:] or ["out/release"])[0]
    common = flags(out)
    paths = lint.files(".h" if kind == "headers" else ".c")
    memory = lint.Remembered(kind, " ".join(common))
    todo = [path for path in paths if path not in memory.passed or not unchanged(memory.passed[path])]
    failures = []
    for path, (why, deps) in zip(todo, lint.run_all(lambda path: compile_one(kind, common, path), todo)):
        memory.passed.pop(path, None)
        if why:
            failures.append(f"{path}: {why}")
        else:
            memory.passed[path] = [deps, fingerprint(deps)]
    memory.save()
    lint.done(kind, failures)


main()
