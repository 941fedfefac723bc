/*
 * Sockets around the TCP core: which connection is whose, what its events have said, and errors as errno values. Header and
 * promises are fairlead-tcp.h's; datagrams are in datagram.c, options and what can be seen in options.c.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_mempool.h>

#include "dataplane/net/packet.h"
#include "dataplane/tcp/tcp_priv.h"
#include "test/driver/stack.h"
#include "test/sim/pool_ops.h"

#define DPDK_MEGABYTES "1024" /* of address space: what no pool takes is never touched */
/* The core's smallest segment has 64 bytes of text and options (RFC 9293 3.7.1), behind the headers of IPv6. */
#define MTU_MIN 128u

static bool listens(void *context, const struct endpoint *local);
static uint32_t profile_of(void *context, const struct endpoint *local);
static uint16_t largest_payload(void *context, const struct addr *remote);
static bool accepted(struct fairlead_tcp *t, uint32_t id);
static void told(struct fairlead_tcp *t, struct socket *so, unsigned events);

int
fairlead_tcp_version(void)
{
	return FAIRLEAD_TCP_VERSION;
}

/* ---- a stack ---- */

static void
default_u32(uint32_t *value, uint32_t instead)
{
	if (*value == 0)
		*value = instead;
}

static bool
settle(struct fairlead_tcp_settings *s)
{
	default_u32(&s->mtu_bytes, 1500);
	default_u32(&s->connections, 256);
	default_u32(&s->half_open, 128);
	default_u32(&s->packets, 4096);
	default_u32(&s->records, 4096);
	default_u32(&s->time_wait_us, tcp_settings_default.time_wait_us);
	default_u32(&s->rto_min_us, tcp_settings_default.rto_min_us);
	default_u32(&s->rto_max_us, tcp_settings_default.rto_max_us);
	default_u32(&s->linger_us, tcp_settings_default.linger_us);
	return s->mtu_bytes >= MTU_MIN && s->mtu_bytes <= 1500 && s->connections <= 4096 &&
	       s->packets >= 64 && s->packets <= 65535 && s->records <= 1u << 20 &&
	       s->rto_min_us <= s->rto_max_us;
}

static void
start_tcp(struct fairlead_tcp *t)
{
	const struct siphash_key key = { .k0 = t->settings.seed, .k1 = ~t->settings.seed };

	t->tcp_settings = tcp_settings_default;
	t->tcp_settings.conns = t->settings.connections;
	t->tcp_settings.half_open_max = t->settings.half_open;
	t->tcp_settings.segments = t->settings.records;
	t->tcp_settings.time_wait_us = t->settings.time_wait_us;
	t->tcp_settings.rto_min_us = t->settings.rto_min_us;
	t->tcp_settings.rto_max_us = t->settings.rto_max_us;
	t->tcp_settings.linger_us = t->settings.linger_us;
	t->host = (struct tcp_host){
		.listens = listens, .mss = largest_payload, .profile = profile_of, .context = t
	};
	t->memory = aligned_alloc(64, (tcp_memory_bytes(&t->tcp_settings) + 63) & ~(size_t)63);
	t->stats = aligned_alloc(4096, sizeof *t->stats);
	if (!t->memory || !t->stats)
		return;
	memset(t->memory, 0, tcp_memory_bytes(&t->tcp_settings));
	memset(t->stats, 0, sizeof *t->stats);
	t->tcp =
	    tcp_init(t->memory, &t->tcp_settings, &t->host, t->mbufs, t->stats, &key, t->now_us);
}

int
fairlead_tcp_new(const struct fairlead_tcp_settings *settings, uint64_t now_us,
		 struct fairlead_tcp **stack)
{
	struct fairlead_tcp *t = calloc(1, sizeof *t);

	if (!t)
		return -ENOMEM;
	if (settings)
		t->settings = *settings;
	if (!settle(&t->settings)) {
		free(t);
		return -EINVAL;
	}
	t->now_us = now_us;
	t->mbufs = driver_pool(t->settings.packets);
	if (t->mbufs)
		start_tcp(t);
	if (!t->tcp) {
		fairlead_tcp_free(t);
		return -ENOMEM;
	}
	*stack = t;
	return 0;
}

void
fairlead_tcp_free(struct fairlead_tcp *t)
{
	rte_pktmbuf_free(t->next_out);
	if (t->tcp)
		tcp_fini(t->tcp);
	rte_mempool_free(t->mbufs);
	free(t->memory);
	free(t->stats);
	free(t);
}

/* EAL pins the thread that starts it; the caller's affinity is none of its business. */
static bool
start_dpdk(void)
{
	static char *args[] = { "fairlead-tcp",
				"--no-huge",
				"--no-pci",
				"--no-shconf",
				"--no-telemetry",
				"--log-level=error",
				"-m",
				DPDK_MEGABYTES,
				"-l",
				"0",
				NULL };
	static int started; /* 1: yes, -1: it can't */
	cpu_set_t cpus;

	if (started)
		return started > 0;
	CPU_ZERO(&cpus);
	pthread_getaffinity_np(pthread_self(), sizeof cpus, &cpus);
	started = rte_eal_init((int)ARRAY_SIZE(args) - 1, args) >= 0 ? 1 : -1;
	pthread_setaffinity_np(pthread_self(), sizeof cpus, &cpus);
	return started > 0;
}

struct rte_mempool *
driver_pool(uint32_t packets)
{
	static unsigned number;
	char name[RTE_MEMPOOL_NAMESIZE];

	if (!start_dpdk())
		return NULL;
	snprintf(name, sizeof name, "fairlead-tcp-%u", number++);
	return rte_pktmbuf_pool_create_by_ops(name, packets, 0, PACKET_PRIVATE_BYTES,
					      RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY,
					      POOL_OPS_NAME);
}

struct socket *
driver_socket(const struct fairlead_tcp *t, int s)
{
	const struct socket *so = &t->socket[(unsigned)s < SOCKETS ? s : 0];

	if ((unsigned)s >= SOCKETS || so->use == SOCKET_FREE || so->queued)
		return NULL;
	return (struct socket *)(uintptr_t)so;
}

uint64_t
driver_now(struct fairlead_tcp *t, uint64_t now_us)
{
	if (now_us > t->now_us)
		t->now_us = now_us;
	return t->now_us;
}

/* ---- what TCP asks ---- */

/* :: is any address, 0.0.0.0 any of IPv4. */
static bool
stands_for(const struct addr *any, const struct addr *local)
{
	return addr_is_unspecified(any) && (!addr_is_v4(any) || addr_is_v4(local));
}

/* One that has this address comes before one that has any. */
static struct socket *
listener_at(struct fairlead_tcp *t, const struct endpoint *local)
{
	struct socket *any = NULL;

	for (unsigned i = 0; i < SOCKETS; i++) {
		struct socket *so = &t->socket[i];

		if (so->use != SOCKET_LISTENS || so->local.port != local->port)
			continue;
		if (addr_equal(&so->local.addr, &local->addr))
			return so;
		if (!any && stands_for(&so->local.addr, &local->addr))
			any = so;
	}
	return any;
}

static bool
listens(void *context, const struct endpoint *local)
{
	return listener_at(context, local) != NULL;
}

static uint32_t
number_of(const struct fairlead_tcp *t, const struct socket *so)
{
	return (uint32_t)(so - t->socket);
}

static uint32_t
profile_of(void *context, const struct endpoint *local)
{
	struct fairlead_tcp *t = context;

	return number_of(t, listener_at(t, local));
}

static uint16_t
largest_payload(void *context, const struct addr *remote)
{
	const struct fairlead_tcp *t = context;
	uint32_t headers = (addr_is_v4(remote) ? 20 : 40) + TCP_HEADER_BYTES;

	return (uint16_t)(t->settings.mtu_bytes > headers ? t->settings.mtu_bytes - headers : 1);
}

/* ---- news ---- */

void
driver_news(struct fairlead_tcp *t)
{
	unsigned events;
	uint32_t id;

	while ((id = tcp_ready_next(t->tcp, &events)) != TCP_NONE)
		if (tcp_user(t->tcp, id) != TCP_USER_NONE || accepted(t, id))
			told(t, &t->socket[tcp_user(t->tcp, id)], events);
}

static void
told(struct fairlead_tcp *t, struct socket *so, unsigned events)
{
	static const int errors[] = {
		[TCP_CLOSE_REFUSED] = -ECONNREFUSED,
		[TCP_CLOSE_RESET] = -ECONNRESET,
		[TCP_CLOSE_TIMEOUT] = -ETIMEDOUT,
		[TCP_CLOSE_UNREACHABLE] = -EHOSTUNREACH,
	};

	so->connected |= events & TCP_EVENT_OPEN;
	so->eof |= !!(events & TCP_EVENT_EOF);
	if (!(events & TCP_EVENT_CLOSED))
		return;
	so->closed = true;
	if (tcp_close_reason(t->tcp, so->id) < ARRAY_SIZE(errors))
		so->error = errors[tcp_close_reason(t->tcp, so->id)];
}

static struct socket *
new_socket(struct fairlead_tcp *t, enum socket_use use)
{
	for (unsigned i = 0; i < SOCKETS; i++) {
		struct socket *so = &t->socket[i];

		if (so->use != SOCKET_FREE)
			continue;
		*so = (struct socket){ .use = use, .id = TCP_NONE };
		t->profile[i] = tcp_settings_default.profile;
		tcp_set_profile(t->tcp, i, &t->profile[i]);
		return so;
	}
	return NULL;
}

static void
use_profile(struct fairlead_tcp *t, uint32_t id, uint32_t number)
{
	struct tcp_conn *c = conn_at(t->tcp, id);

	t->tcp->profile_users[c->profile]--;
	c->profile = (uint8_t)number;
	t->tcp->profile_users[c->profile]++;
}

/* False: there is no room for it. From here on it has options of its own, which are at first its listener's. */
static bool
accepted(struct fairlead_tcp *t, uint32_t id)
{
	struct socket *listener = listener_at(t, tcp_local(t->tcp, id)), *so = NULL;
	uint32_t number;

	if (listener && listener->waiting < listener->backlog)
		so = new_socket(t, SOCKET_CONNECTION);
	if (!so) {
		tcp_abort(t->tcp, id, t->now_us);
		return false;
	}
	number = number_of(t, so);
	so->id = id;
	so->queued = so->connected = so->bound = true;
	so->abort = listener->abort;
	so->local = *tcp_local(t->tcp, id);
	t->profile[number] = t->profile[number_of(t, listener)];
	tcp_set_profile(t->tcp, number, &t->profile[number]);
	use_profile(t, id, number);
	tcp_set_user(t->tcp, id, number);
	listener->queue[listener->waiting++] = (uint8_t)number;
	return true;
}

/* ---- sockets ---- */

static bool
to_endpoint(const struct fairlead_tcp_address *from, struct endpoint *to)
{
	be32 v4;

	memcpy(&v4, from->bytes, sizeof v4);
	if (from->family != 4 && from->family != 6)
		return false;
	to->addr = from->family == 4 ? addr_from_v4(v4) : addr_from_v6(from->bytes);
	to->port = from->port;
	return from->family == 4 || !addr_is_v4(&to->addr);
}

static void
from_endpoint(const struct endpoint *from, struct fairlead_tcp_address *to)
{
	bool v4 = addr_is_v4(&from->addr);

	*to = (struct fairlead_tcp_address){ .family = v4 ? 4 : 6, .port = from->port };
	memcpy(to->bytes, from->addr.byte + (v4 ? 12 : 0), v4 ? 4 : 16);
}

int
fairlead_tcp_socket(struct fairlead_tcp *t)
{
	struct socket *so = new_socket(t, SOCKET_NEW);

	return so ? (int)number_of(t, so) : -EMFILE;
}

int
fairlead_tcp_bind(struct fairlead_tcp *t, int s, const struct fairlead_tcp_address *local)
{
	struct socket *so = driver_socket(t, s);
	struct endpoint at;

	if (!so)
		return -EBADF;
	if (so->use != SOCKET_NEW || so->bound || !to_endpoint(local, &at) ||
	    addr_is_multicast(&at.addr))
		return -EINVAL;
	if (at.port && listener_at(t, &at))
		return -EADDRINUSE;
	so->local = at;
	so->bound = true;
	return 0;
}

int
fairlead_tcp_listen(struct fairlead_tcp *t, int s, int backlog)
{
	struct socket *so = driver_socket(t, s);

	if (!so)
		return -EBADF;
	if (so->use != SOCKET_NEW || !so->bound || !so->local.port || backlog < 1)
		return -EINVAL;
	if (listener_at(t, &so->local))
		return -EADDRINUSE;
	so->use = SOCKET_LISTENS;
	so->backlog = min_u32((uint32_t)backlog, BACKLOG_MAX);
	return 0;
}

int
fairlead_tcp_accept(struct fairlead_tcp *t, int s, struct fairlead_tcp_address *peer)
{
	struct socket *so = driver_socket(t, s);
	unsigned first;

	if (!so)
		return -EBADF;
	if (so->use != SOCKET_LISTENS)
		return -EINVAL;
	if (!so->waiting)
		return -EAGAIN;
	first = so->queue[0];
	memmove(so->queue, so->queue + 1, --so->waiting);
	t->socket[first].queued = false;
	if (peer)
		from_endpoint(tcp_remote(t->tcp, t->socket[first].id), peer);
	return (int)first;
}

int
fairlead_tcp_connect(struct fairlead_tcp *t, int s, const struct fairlead_tcp_address *remote,
		     uint64_t now_us)
{
	struct socket *so = driver_socket(t, s);
	struct endpoint to;

	if (!so)
		return -EBADF;
	if (so->use != SOCKET_NEW || !so->bound || !to_endpoint(remote, &to) ||
	    addr_is_v4(&to.addr) != addr_is_v4(&so->local.addr) ||
	    addr_is_unspecified(&so->local.addr))
		return -EINVAL;
	switch (tcp_connect(t->tcp, &so->local, &to, (uint32_t)s, (uint32_t)s,
			    driver_now(t, now_us), &so->id)) {
	case ERR_ok:
		so->use = SOCKET_CONNECTION;
		so->local = *tcp_local(t->tcp, so->id);
		return 0;
	case ERR_exists:
		return -EADDRINUSE;
	case ERR_no_port:
		return -EADDRNOTAVAIL;
	case ERR_no_memory:
		return -ENOBUFS;
	default:
		return -EINVAL;
	}
}

long
fairlead_tcp_read(struct fairlead_tcp *t, int s, void *data, size_t len, uint64_t now_us)
{
	struct socket *so = driver_socket(t, s);
	uint32_t have;

	if (!so)
		return -EBADF;
	if (so->use != SOCKET_CONNECTION)
		return -ENOTCONN;
	have = tcp_received(t->tcp, so->id)->bytes;
	if (have == 0) {
		if (so->error)
			return so->error;
		return so->eof || so->closed ? 0 : -EAGAIN;
	}
	if (len < have)
		have = (uint32_t)len;
	bufq_copy(tcp_received(t->tcp, so->id), 0, have, data);
	tcp_receive_drop(t->tcp, so->id, have, driver_now(t, now_us));
	driver_news(t);
	return (long)have;
}

long
fairlead_tcp_write(struct fairlead_tcp *t, int s, const void *data, size_t len, uint64_t now_us)
{
	struct socket *so = driver_socket(t, s);
	uint32_t space;

	if (!so)
		return -EBADF;
	if (so->use != SOCKET_CONNECTION)
		return -ENOTCONN;
	if (so->closed || conn_at(t->tcp, so->id)->flags & CONN_SHUTDOWN)
		return -EPIPE;
	space = so->connected ? tcp_send_space(t->tcp, so->id) : 0;
	if (len < space)
		space = (uint32_t)len;
	if (len == 0)
		return 0;
	driver_now(t, now_us);
	while (space && tcp_send_bytes(t->tcp, so->id, data, space, t->now_us) != ERR_ok)
		space /= 2; /* what the buffers that are free can take */
	return space ? (long)space : -EAGAIN;
}

int
fairlead_tcp_shutdown(struct fairlead_tcp *t, int s, uint64_t now_us)
{
	struct socket *so = driver_socket(t, s);

	if (!so)
		return -EBADF;
	if (so->use != SOCKET_CONNECTION)
		return -ENOTCONN;
	tcp_shutdown(t->tcp, so->id, driver_now(t, now_us));
	return 0;
}

static void
let_go(struct fairlead_tcp *t, struct socket *so, bool abort)
{
	if (so->use == SOCKET_CONNECTION) {
		/* The number may be another one's soon: what is left of the connection goes by the defaults. */
		use_profile(t, so->id, SOCKETS);
		if (abort)
			tcp_abort(t->tcp, so->id, t->now_us);
		else
			tcp_release(t->tcp, so->id, t->now_us);
	}
	so->use = SOCKET_FREE;
}

int
fairlead_tcp_close(struct fairlead_tcp *t, int s, uint64_t now_us)
{
	struct socket *so = driver_socket(t, s);

	if (!so)
		return -EBADF;
	driver_now(t, now_us);
	for (unsigned i = 0; so->use == SOCKET_LISTENS && i < so->waiting; i++)
		let_go(t, &t->socket[so->queue[i]], true);
	let_go(t, so, so->abort);
	return 0;
}

int
fairlead_tcp_poll(const struct fairlead_tcp *t, int s)
{
	const struct socket *so = driver_socket(t, s);
	int bits = 0;

	if (!so)
		return -EBADF;
	if (so->use == SOCKET_LISTENS)
		return so->waiting ? (int)FAIRLEAD_TCP_READABLE : 0;
	if (so->use != SOCKET_CONNECTION)
		return 0;
	if (tcp_received(t->tcp, so->id)->bytes || so->eof || so->closed)
		bits |= FAIRLEAD_TCP_READABLE;
	if (so->connected && tcp_send_space(t->tcp, so->id))
		bits |= FAIRLEAD_TCP_WRITABLE;
	bits |= so->eof ? FAIRLEAD_TCP_EOF : 0;
	bits |= so->closed ? FAIRLEAD_TCP_CLOSED : 0;
	bits |= so->connected ? FAIRLEAD_TCP_CONNECTED : 0;
	return bits;
}

int
fairlead_tcp_error(const struct fairlead_tcp *t, int s)
{
	const struct socket *so = driver_socket(t, s);

	return so ? so->error : -EBADF;
}

int
fairlead_tcp_local(const struct fairlead_tcp *t, int s, struct fairlead_tcp_address *out)
{
	const struct socket *so = driver_socket(t, s);

	if (!so)
		return -EBADF;
	if (!so->bound)
		return -ENOTCONN;
	from_endpoint(&so->local, out);
	return 0;
}

int
fairlead_tcp_remote(const struct fairlead_tcp *t, int s, struct fairlead_tcp_address *out)
{
	const struct socket *so = driver_socket(t, s);

	if (!so)
		return -EBADF;
	if (so->use != SOCKET_CONNECTION)
		return -ENOTCONN;
	from_endpoint(tcp_remote(t->tcp, so->id), out);
	return 0;
}
