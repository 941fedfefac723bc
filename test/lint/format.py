#!/usr/bin/env -S python3 -B
"""All C files are as clang-format writes them; `make format` rewrites them. Tables (.tbl) keep their own shape."""
import subprocess

import lint


def is_formatted(path):
    return subprocess.run(["clang-format", "--style=file", "--dry-run", "-Werror", path], capture_output=True).returncode == 0


def main():
    version = subprocess.run(["clang-format", "--version"], capture_output=True, text=True).stdout
    memory = lint.Remembered("format", lint.text(".clang-format") + version)
    now = {path: lint.digest(lint.text(path)) for path in lint.files(".c", ".h")}
    todo = [path for path in now if memory.passed.get(path) != now[path]]
    verdicts = dict(zip(todo, lint.run_all(is_formatted, todo)))
    memory.passed = {path: seen for path, seen in now.items() if verdicts.get(path, True)}
    memory.save()
    lint.done("format", [f"{path}: run `make format`" for path, good in verdicts.items() if not good])


main()
