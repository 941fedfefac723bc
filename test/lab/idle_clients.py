#!/usr/bin/env python3
"""Clients that connect and then say nothing: idle_clients.py SOURCE TARGET PORT COUNT

Opens COUNT connections from the address SOURCE, a few hundred at a time, and prints "connected N". Holds them until its
standard input ends, then prints "alive N", those that are still there, and closes them, a few hundred at a time: each
sends its FIN and waits for the other's, since a reset that a full ring drops is sent by nobody a second time.
"""
import errno
import select
import socket
import sys

AT_ONCE = 256


def main():
    source, target, port, count = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    poll = select.epoll()
    opening, idle, failed = {}, {}, 0

    while len(idle) + failed < count:
        while len(opening) < AT_ONCE and len(opening) + len(idle) + failed < count:
            s = socket.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
            s.setsockopt(socket.IPPROTO_IP, 24, 1)  # IP_BIND_ADDRESS_NO_PORT
            s.bind((source, 0))
            if s.connect_ex((target, port)) not in (0, errno.EINPROGRESS):
                failed += 1
                continue
            opening[s.fileno()] = s
            poll.register(s, select.EPOLLOUT)
        for fd, _ in poll.poll(5):
            s = opening.pop(fd)
            if s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                failed += 1
                s.close()
                continue
            idle[fd] = s
            poll.modify(fd, select.EPOLLRDHUP)
    print("connected", len(idle), flush=True)
    sys.stdin.read()
    while True:
        gone = poll.poll(0, 4096)
        if not gone:
            break
        for fd, _ in gone:
            idle.pop(fd).close()
    print("alive", len(idle), flush=True)

    closing = 0
    unasked = list(idle.values())
    while unasked or closing:
        while unasked and closing < AT_ONCE:
            unasked.pop().shutdown(socket.SHUT_WR)
            closing += 1
        closed = poll.poll(5)
        if not closed:
            break  # nobody is there any more
        for fd, _ in closed:
            idle.pop(fd).close()
            closing -= 1


main()
