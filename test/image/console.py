#!/usr/bin/python3
"""The human at the serial console of the booted image.

console.py expect SECONDS REGEX    waits for it; what was read is behind us then. Prints what came before it and itself
console.py send TEXT               types TEXT and return
console.py run SECONDS COMMAND     types COMMAND at the prompt and prints what it said
console.py seconds                 from power-on until now

Reads the machine's transcript, which QEMU writes from power-on, and types into the console's socket. How far it has read
is kept in a file, so that a test is a row of calls. A time limit that ends shows the last lines.
"""
import os
import re
import socket
import sys
import time

STATE = "/run/fairlead-lab"
SOCKET, MARK, POWER_ON = (f"{STATE}/{name}" for name in ("console.sock", "console.mark", "power-on"))
LOG = os.environ.get("FL_CONSOLE_LOG", os.path.join(os.path.dirname(__file__), "../../out/lab/console.log"))
PROMPT = r"(?m)^fairlead[^\n]*[>#] ?$"
ESCAPES = re.compile(r"\x1b(\[[0-9;?=]*[ -/]*[@-~]|[()][0-9A-B]|\][^\x07]*\x07|[=>78cDEHM])|[\r\0\x07]")


def plain(text):
    return ESCAPES.sub("", text.decode(errors="replace"))


def mark():
    try:
        with open(MARK) as file:
            return int(file.read())
    except (FileNotFoundError, ValueError):
        return 0


def set_mark(at):
    with open(MARK, "w") as file:
        file.write(str(at))


def read_from(at):
    with open(LOG, "rb") as file:
        file.seek(at)
        return file.read()


def expect(limit_s, pattern):
    """What came up to the end of the match; the mark moves there."""
    start, end, wanted = mark(), time.monotonic() + limit_s, re.compile(pattern)
    while True:
        raw = read_from(start)
        if wanted.search(plain(raw)):
            at = shortest(raw, wanted)
            set_mark(start + at)
            return plain(raw[:at])
        if time.monotonic() >= end:
            tail = "\n".join(plain(raw).splitlines()[-8:])
            sys.exit(f"no '{pattern}' within {limit_s:.0f} s; the end of what came:\n{tail}")
        time.sleep(0.1)


def shortest(raw, wanted):
    """How much of raw it takes to match: what came later is for the next call."""
    low, high = 0, len(raw)
    while low < high:
        middle = (low + high) // 2
        if wanted.search(plain(raw[:middle])):
            high = middle
        else:
            low = middle + 1
    return low


def send(text):
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect(SOCKET)
        # the UART takes 16 bytes at a time, and a slow guest takes them slowly
        for byte in text.encode() + b"\r":
            sock.sendall(bytes([byte]))
            time.sleep(0.002)
        sock.settimeout(0.3)
        end = time.monotonic() + 2  # a guest may never fall silent
        try:
            while sock.recv(4096) and time.monotonic() < end:
                pass
        except TimeoutError:
            pass


def run(limit_s, command):
    send(command)
    said = expect(limit_s, PROMPT).split("\n")
    return "\n".join(said[1:-1])


def main():
    what, *rest = sys.argv[1:]
    if what == "expect":
        print(expect(float(rest[0]), rest[1]))
    elif what == "send":
        send(rest[0])
    elif what == "run":
        print(run(float(rest[0]), rest[1]))
    elif what == "seconds":
        with open(POWER_ON) as file:
            print(f"{time.time() - float(file.read()):.1f}")
    else:
        sys.exit(__doc__)


main()
