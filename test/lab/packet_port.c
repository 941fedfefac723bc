/*
 * Ports on packet sockets (see packet_port.h). A burst is one system call in either direction.
 * Frames that are too long for a buffer (offloads left on) and frames that the interface refuses
 * are dropped and counted as errors.
 */
#include "test/lab/packet_port.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <rte_mbuf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SOCKET_BYTES (8 << 20) /* what may wait for us in the kernel */

struct packet_port {
	struct rte_mempool *mbufs;
	struct rte_mbuf *spare[PORT_BURST]; /* buffers that wait for frames */
	unsigned spares;
	uint64_t errors;
	int fd;
};

static uint16_t
packet_rx(struct port *port, uint16_t queue, struct rte_mbuf **burst, uint16_t n, uint64_t now_us);
static uint16_t
packet_tx(struct port *port, uint16_t queue, struct rte_mbuf **burst, uint16_t n, uint64_t now_us);
static void packet_info(struct port *port, struct port_info *info);
static void packet_close(struct port *port);
static bool packet_socket(const char *interface, int *out);

static const struct port_ops packet_ops = {
	.rx = packet_rx,
	.tx = packet_tx,
	.info = packet_info,
	.close = packet_close,
};

enum err
packet_port_open(const char *interface, struct rte_mempool *mbufs, struct port **out, char *why,
		 unsigned why_bytes)
{
	struct packet_port *state = calloc(1, sizeof *state);
	struct port *port = calloc(1, sizeof *port);

	if (!state || !port || strlen(interface) >= sizeof port->name) {
		snprintf(why, why_bytes, "%s: no memory, or too long a name", interface);
		return free(state), free(port), ERR_no_memory;
	}
	if (!packet_socket(interface, &state->fd)) {
		snprintf(why, why_bytes, "%s: %s", interface, strerror(errno));
		return free(state), free(port), ERR_io;
	}
	state->mbufs = mbufs;
	port->ops = &packet_ops;
	port->state = state;
	snprintf(port->name, sizeof port->name, "%s", interface);
	*out = port;
	return ERR_ok;
}

/* False with errno. */
static bool
packet_socket(const char *interface, int *out)
{
	const struct sockaddr_ll address = { .sll_family = AF_PACKET,
					     .sll_protocol = htons(ETH_P_ALL),
					     .sll_ifindex = (int)if_nametoindex(interface) };
	const struct packet_mreq all = { .mr_ifindex = address.sll_ifindex,
					 .mr_type = PACKET_MR_PROMISC };
	const int yes = 1, bytes = SOCKET_BYTES;
	int fd;

	if (!address.sll_ifindex)
		return false;
	/* Of no protocol until it is bound: frames of other interfaces never get in. */
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return false;
	*out = fd;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes);
	setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof bytes);
	if (setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &yes, sizeof yes) == 0 &&
	    setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &yes, sizeof yes) == 0 &&
	    setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &all, sizeof all) == 0 &&
	    bind(fd, (const struct sockaddr *)&address, sizeof address) == 0)
		return true;
	close(fd);
	return false;
}

int
packet_port_fd(const struct port *port)
{
	return ((const struct packet_port *)port->state)->fd;
}

static uint16_t
packet_rx(struct port *port, uint16_t queue, struct rte_mbuf **burst, uint16_t n, uint64_t now_us)
{
	struct packet_port *state = port->state;
	struct mmsghdr messages[PORT_BURST] = { 0 };
	struct iovec spaces[PORT_BURST];
	unsigned want = n < PORT_BURST ? n : PORT_BURST;
	uint16_t given = 0;
	int got;

	while (state->spares < want &&
	       (state->spare[state->spares] = rte_pktmbuf_alloc(state->mbufs)))
		state->spares++;
	want = want < state->spares ? want : state->spares;
	for (unsigned i = 0; i < want; i++) {
		struct rte_mbuf *m = state->spare[state->spares - 1 - i];

		spaces[i] = (struct iovec){ rte_pktmbuf_mtod(m, void *), rte_pktmbuf_tailroom(m) };
		messages[i].msg_hdr.msg_iov = &spaces[i];
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	got = want ? recvmmsg(state->fd, messages, want, 0, NULL) : 0;
	for (int i = 0; i < got; i++) {
		struct rte_mbuf *m = state->spare[--state->spares];

		if (messages[i].msg_hdr.msg_flags & MSG_TRUNC) {
			state->errors++;
			rte_pktmbuf_free(m);
			continue;
		}
		m->data_len = (uint16_t)messages[i].msg_len;
		m->pkt_len = messages[i].msg_len;
		burst[given++] = m;
	}
	return given;
}

static uint16_t
packet_tx(struct port *port, uint16_t queue, struct rte_mbuf **burst, uint16_t n, uint64_t now_us)
{
	struct packet_port *state = port->state;
	struct mmsghdr messages[PORT_BURST] = { 0 };
	struct iovec pieces[PORT_BURST];
	uint16_t count = n < PORT_BURST ? n : PORT_BURST;
	int sent;

	for (uint16_t i = 0; i < count; i++) {
		ASSERT(burst[i]->nb_segs == 1);
		pieces[i] =
		    (struct iovec){ rte_pktmbuf_mtod(burst[i], void *), burst[i]->data_len };
		messages[i].msg_hdr.msg_iov = &pieces[i];
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	sent = count ? sendmmsg(state->fd, messages, count, 0) : 0;
	if (sent < 0 && (errno == EAGAIN || errno == ENOBUFS))
		return 0;
	if (sent < 0) { /* the first one is refused; the others may be better */
		state->errors++;
		sent = 1;
	}
	rte_pktmbuf_free_bulk(burst, (unsigned)sent);
	return (uint16_t)sent;
}

static void
packet_info(struct port *port, struct port_info *info)
{
	const struct packet_port *state = port->state;
	struct tpacket_stats stats = { 0 };
	socklen_t len = sizeof stats;

	snprintf(info->driver, sizeof info->driver, "packet");
	info->link_up = true;
	info->mtu_bytes = ETHERMTU;
	info->queues = 1;
	info->errors = state->errors;
	if (getsockopt(state->fd, SOL_PACKET, PACKET_STATISTICS, &stats, &len) == 0)
		info->missed = stats.tp_drops; /* since the last call: the kernel forgets */
}

static void
packet_close(struct port *port)
{
	struct packet_port *state = port->state;

	rte_pktmbuf_free_bulk(state->spare, state->spares);
	close(state->fd);
	free(state);
}
