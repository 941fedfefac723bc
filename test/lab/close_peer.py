#!/usr/bin/env python3
"""Both ends of connections that close in a given order.

close_peer.py serve ADDRESS PORT        the server; it does as the first byte of each connection says
close_peer.py run ORDER TARGET PORT N   the client: N connections, prints "right N" and how the others ended

  c  the client closes first, the answer follows its FIN     s  the server closes first, the request follows its FIN
  b  both close as soon as they have said what they have     r  the client resets     q  the server resets
"""
import asyncio
import collections
import socket
import struct
import sys

REQUEST, ANSWER, AT_ONCE = 3000, 20000, 100


def reset(writer):
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.close()


async def read_to_end(reader):
    n = 0
    while chunk := await reader.read(65536):
        n += len(chunk)
    return n


async def serve_one(reader, writer):
    try:
        order = await reader.readexactly(1)
        if order == b"q":
            reset(writer)
        else:
            if order == b"c":
                await read_to_end(reader)
            writer.write(bytes(ANSWER))
            if order != b"r":
                writer.write_eof()
            await read_to_end(reader)
    except (ConnectionError, asyncio.IncompleteReadError):
        pass
    writer.close()


async def run_one(order, target, port, room, ended):
    async with room:
        try:
            reader, writer = await asyncio.open_connection(target, port)
            writer.write(order.encode())
            if order == "s":
                got = await read_to_end(reader)
                writer.write(bytes(REQUEST))
            elif order == "r":
                got = ANSWER if await reader.readexactly(ANSWER // 2) else 0
                reset(writer)
            else:
                writer.write(bytes(REQUEST))
                if order != "q":
                    writer.write_eof()
                got = await read_to_end(reader)
            writer.close()
            ended["right" if got == ANSWER and order != "q" else "short"] += 1
        except ConnectionResetError:
            ended["right" if order == "q" else "reset"] += 1
        except OSError as error:
            ended[error.strerror.replace(" ", "-") if error.strerror else "failed"] += 1


async def main():
    if sys.argv[1] == "serve":
        server = await asyncio.start_server(serve_one, sys.argv[2], int(sys.argv[3]), backlog=1024)
        await server.serve_forever()
    order, target, port, count = sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5])
    room, ended = asyncio.Semaphore(AT_ONCE), collections.Counter()
    await asyncio.gather(*(run_one(order, target, port, room, ended) for _ in range(count)))
    print(" ".join(f"{how} {n}" for how, n in sorted(ended.items())))


asyncio.run(main())
