#!/usr/bin/env python3
"""Clients that rest between requests, all in step: paced_client.py HOST PORT METHOD CLIENTS REQUESTS REST_MS BODY_BYTES

Each sends its requests over one connection and opens another one when it was told to, or when that has ended. Prints what
became of them all, as "200 N" for each status, and "broken N" for those without a whole response.
"""
import collections
import http.client
import sys
import threading
import time


def main():
    host, port, method = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    clients, requests, rest_ms, body_bytes = (int(text) for text in sys.argv[4:8])
    results = [collections.Counter() for _ in range(clients)]
    began = time.monotonic()
    threads = [
        threading.Thread(target=client, args=(host, port, method, b"x" * body_bytes, requests, began, rest_ms / 1000, result))
        for result in results
    ]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for what, count in sorted(sum(results, collections.Counter()).items()):
        print(what, count)


def client(host, port, method, body, requests, began, rest_s, result):
    connection = http.client.HTTPConnection(host, port, timeout=10)
    for i in range(requests):
        time.sleep(max(0, began + i * rest_s - time.monotonic()))
        result[one(connection, method, body)] += 1
    connection.close()


def one(connection, method, body):
    try:
        connection.request(method, "/", body or None, {"User-Agent": "paced"})
        response = connection.getresponse()
        response.read()
        return str(response.status)
    except (OSError, http.client.HTTPException):
        connection.close()
        return "broken"


main()
