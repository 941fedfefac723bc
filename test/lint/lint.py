"""What the checks share: which files there are, what they say without comments, how findings are reported.

A check runs in the top of a tree and prints `ok NAME` or a line `FAIL NAME: where: why` a finding, as test/run.sh
expects. Data that it needs stands in a text file beside it.
"""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent


def files(*endings):
    """Files of the tree, sorted: what git knows or would take in; in a folder without git, all but out/."""
    if os.path.exists(".git"):
        listed = subprocess.run(["git", "ls-files", "-z", "-co", "--exclude-standard"], check=True,
                                capture_output=True, text=True).stdout.split("\0")
    else:
        listed = [os.path.relpath(os.path.join(folder, name), ".")
                  for folder, _, names in os.walk(".") for name in names]
        listed = [name for name in listed if not name.startswith("out/")]
    return sorted({name for name in listed if name.endswith(endings or "") and os.path.isfile(name)})


def text(path):
    return pathlib.Path(path).read_text(errors="replace")


def code(path):
    """A C file with its comments blanked, line numbers kept."""
    def blank(match):
        return match[0] if match[0][0] in "\"'" else re.sub(r"[^\n]", " ", match[0])
    return re.sub(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|/\*.*?\*/|//[^\n]*', blank, text(path), flags=re.S)


def table_lines(path):
    """Lines of a text file of ours with comments (# to the end) cut off, empty ones left out; (number, line)."""
    for number, line in enumerate(text(path).splitlines(), 1):
        line = line.split("#")[0].rstrip()
        if line:
            yield number, line


def done(name, failures):
    """Reports and ends the check."""
    for failure in failures:
        print(f"FAIL lint {name}: {failure}")
    if not failures:
        print(f"ok lint {name}")
    sys.exit(1 if failures else 0)


class Remembered:
    """Fingerprints of what passed before, kept under out/, so that only what changed is looked at again."""

    def __init__(self, name, salt):
        self.path = pathlib.Path(f"out/lint/{name}.json")
        self.salt = digest(salt)
        try:
            kept = json.loads(self.path.read_text())
        except (OSError, ValueError):
            kept = {}
        self.passed = kept.get("passed", {}) if kept.get("salt") == self.salt else {}

    def save(self):
        self.path.parent.mkdir(parents=True, exist_ok=True)
        new = self.path.with_suffix(f".{os.getpid()}")
        new.write_text(json.dumps({"salt": self.salt, "passed": self.passed}))
        new.replace(self.path)


def digest(*parts):
    whole = hashlib.sha256()
    for part in parts:
        whole.update(part.encode() if isinstance(part, str) else part)
    return whole.hexdigest()


def run_all(work, items):
    """work(item) for all items, as many at a time as there are processors; results in order."""
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(work, items))
