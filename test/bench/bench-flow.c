/*
 * bench-flow: one long TCP connection, and how many bytes a second it carries.
 *
 *   bench-flow serve PORT                            the other end, for any number of connections
 *   bench-flow download|upload ADDRESS PORT SECONDS  prints bits per second
 *
 * The first byte that a client sends says which way bytes go. A download counts what the
 * application has read, an upload what the peer has acknowledged (TCP_INFO), both from the end of
 * the handshake on. Buffers are the kernel's own, sized by it; so is congestion control, which a
 * client prints to stderr unless it is cubic.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CHUNK_BYTES (256 << 10)
#define CONNECT_S   30
#define SILENCE_S   10 /* the reset that ends an upload may get lost, too */

static char chunk[CHUNK_BYTES];

static void
die(const char *what)
{
	fprintf(stderr, "bench-flow: %s: %s\n", what, strerror(errno));
	exit(1);
}

static double
now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* ---- serve ---- */

static void
serve_one(int fd)
{
	const struct timeval silence = { .tv_sec = SILENCE_S };
	char way = 0;

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &silence, sizeof silence);
	if (read(fd, &way, 1) == 1 && way == 'd')
		while (write(fd, chunk, sizeof chunk) > 0)
			;
	else if (way == 'u')
		while (read(fd, chunk, sizeof chunk) > 0)
			;
}

static void
serve(uint16_t port)
{
	const struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM, 0), yes = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
	if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof address) ||
	    listen(fd, 128))
		die("listen");
	signal(SIGCHLD, SIG_IGN);
	for (;;) {
		int one = accept(fd, NULL, NULL);

		if (one >= 0 && fork() == 0) {
			serve_one(one);
			exit(0);
		}
		close(one);
	}
}

/* ---- measure ---- */

static int
open_flow(const char *text, uint16_t port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
	char congestion[16] = "";
	socklen_t len = sizeof congestion;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || inet_pton(AF_INET, text, &address.sin_addr) != 1)
		die(text);
	alarm(CONNECT_S);
	if (connect(fd, (const struct sockaddr *)&address, sizeof address))
		die("connect");
	alarm(0);
	getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, congestion, &len);
	if (strcmp(congestion, "cubic") != 0)
		fprintf(stderr, "bench-flow: congestion control is %s\n", congestion);
	return fd;
}

static uint64_t
bytes_acked(int fd)
{
	struct tcp_info info = { 0 };
	socklen_t len = sizeof info;

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len))
		die("TCP_INFO");
	return info.tcpi_bytes_acked;
}

/* Reads or writes once when that is possible, waits for it until the end otherwise. */
static uint64_t
step(int fd, char way, double left_s)
{
	struct pollfd wait = { .fd = fd, .events = way == 'd' ? POLLIN : POLLOUT };
	ssize_t done;

	if (poll(&wait, 1, (int)(left_s * 1000) + 1) <= 0)
		return 0;
	done = way == 'd' ? recv(fd, chunk, sizeof chunk, MSG_DONTWAIT)
			  : send(fd, chunk, sizeof chunk, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (done == 0 || (done < 0 && errno != EAGAIN))
		die("the flow ended early");
	return done > 0 ? (uint64_t)done : 0;
}

static void
measure(char way, const char *address, uint16_t port, double seconds)
{
	int fd = open_flow(address, port);
	double start = now_s(), now = start;
	uint64_t bytes = 0, acked;

	if (write(fd, &way, 1) != 1)
		die("write");
	for (; now - start < seconds; now = now_s())
		bytes += step(fd, way, seconds - (now - start));
	acked = bytes_acked(fd);
	printf("%.0f\n", 8.0 * (double)(way == 'd' ? bytes : acked) / (now - start));
	/* A reset: what is still on its way must not disturb the next flow. */
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &(struct linger){ .l_onoff = 1 },
		   sizeof(struct linger));
	close(fd);
}

int
main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "serve") == 0)
		serve((uint16_t)atoi(argv[2]));
	else if (argc == 5 && strcmp(argv[1], "download") == 0)
		measure('d', argv[2], (uint16_t)atoi(argv[3]), atof(argv[4]));
	else if (argc == 5 && strcmp(argv[1], "upload") == 0)
		measure('u', argv[2], (uint16_t)atoi(argv[3]), atof(argv[4]));
	else
		return fprintf(stderr, "usage: bench-flow serve PORT, "
				       "bench-flow download|upload ADDRESS PORT SECONDS\n"),
		       2;
	return 0;
}
