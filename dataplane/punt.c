/*
 * The thread between workers and kernel. See punt.h.
 *
 * Workers make no system call, so they can't wake it: while a port has services it looks at their rings each
 * BUSY_WAIT_US after it found something lately, and each IDLE_WAIT_US otherwise. Frames of the kernel wake it at once; worker 0
 * is polling anyway. Without any services it sleeps until a configuration comes.
 *
 * The control thread changes the interfaces under a lock that the thread holds while it carries a burst.
 */
#include "dataplane/punt.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <rte_common.h>

#include "drivers/port/port_kernel.h"
#include "fw/abi/generation.h"

#define KERNEL_PORT_FIRST 61000u
#define KERNEL_PORT_LAST  65535u
#define BURST             64u /* frames of one ring or interface before the next one's turn */
#define BUSY_WAIT_US      250u
#define IDLE_WAIT_US      2000u
#define BUSY_ROUNDS       400u /* that find nothing, before it counts as idle */

struct punt {
	uint32_t workers;
	struct punt_ring *to_kernel[LIMIT_WORKERS];
	struct punt_ring *from_kernel;
	pthread_t thread;
	pthread_mutex_t lock;
	int wake; /* eventfd: interfaces have changed, or the end */
	bool started, ports_reserved;
	_Atomic bool stop;
	_Atomic uint64_t lost;
	/* by row of the generation's ports, NULL: no services there; under the lock */
	struct port_kernel *kernel[LIMIT_INTERFACES];
	/* of punt_prepare; the control thread's */
	struct port_kernel *next[LIMIT_INTERFACES];
};

static struct punt_ring *make_ring(void);
static bool reserve_ports(struct punt *punt, char *why, unsigned why_bytes);
static void forget_prepared(struct punt *punt);
static struct port_kernel *find(struct punt *punt, const char *name);
static bool is_in(struct port_kernel *const *list, const struct port_kernel *kernel);
static void set_up(struct port_kernel *kernel, const struct net_config *config, uint32_t port);
static void *run(void *argument);
static bool carry_all(struct punt *punt);
static bool carry_to_kernel(struct punt *punt, struct punt_ring *ring);
static bool carry_from_kernel(struct punt *punt, uint32_t port);
static void wait_for_work(struct punt *punt, uint64_t wait_us);

enum err
punt_create(uint32_t workers, struct punt **out)
{
	struct punt *punt = calloc(1, sizeof *punt);
	bool ok;

	if (!punt)
		return ERR_no_memory;
	punt->workers = workers;
	pthread_mutex_init(&punt->lock, NULL);
	punt->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	punt->from_kernel = make_ring();
	ok = punt->from_kernel && punt->wake >= 0;
	for (uint32_t w = 0; w < workers; w++) {
		punt->to_kernel[w] = make_ring();
		ok = ok && punt->to_kernel[w];
	}
	punt->started = ok && pthread_create(&punt->thread, NULL, run, punt) == 0;
	if (!punt->started) {
		punt_destroy(punt);
		return ERR_no_memory;
	}
	*out = punt;
	return ERR_ok;
}

static struct punt_ring *
make_ring(void)
{
	void *memory = aligned_alloc(64, (punt_ring_memory_bytes() + 63) & ~(size_t)63);

	return memory ? punt_ring_init(memory) : NULL;
}

void
punt_destroy(struct punt *punt)
{
	punt->stop = true;
	if (punt->started) {
		(void)eventfd_write(punt->wake, 1);
		pthread_join(punt->thread, NULL);
	}
	forget_prepared(punt);
	for (uint32_t port = 0; port < LIMIT_INTERFACES; port++)
		if (punt->kernel[port])
			port_kernel_close(punt->kernel[port]);
	for (uint32_t w = 0; w < punt->workers; w++)
		free(punt->to_kernel[w]);
	free(punt->from_kernel);
	if (punt->wake >= 0)
		close(punt->wake);
	pthread_mutex_destroy(&punt->lock);
	free(punt);
}

struct punt_ring *
punt_to_kernel(struct punt *punt, uint32_t worker)
{
	return punt->to_kernel[worker];
}

struct punt_ring *
punt_from_kernel(struct punt *punt)
{
	return punt->from_kernel;
}

uint64_t
punt_lost(const struct punt *punt)
{
	return atomic_load_explicit(&punt->lost, memory_order_relaxed);
}

/* ---- configuration ---- */

enum err
punt_prepare(struct punt *punt, const struct net_config *config, char *why, unsigned why_bytes)
{
	const struct gen_port *ports = generation_ports(config->generation);
	enum err err = ERR_ok;

	forget_prepared(punt);
	for (uint32_t port = 0; port < config->port_count && !err; port++) {
		const char *name = generation_text(config->generation, ports[port].name);

		if (!ports[port].services)
			continue;
		if (!reserve_ports(punt, why, why_bytes))
			err = ERR_io;
		punt->next[port] = find(punt, name);
		if (!err && !punt->next[port])
			err = port_kernel_open(name, &punt->next[port], why, why_bytes);
	}
	if (err)
		forget_prepared(punt);
	return err;
}

/* Once: nobody else gives them out. */
static bool
reserve_ports(struct punt *punt, char *why, unsigned why_bytes)
{
	if (!punt->ports_reserved)
		punt->ports_reserved =
		    port_kernel_reserve_ports(KERNEL_PORT_FIRST, KERNEL_PORT_LAST) == ERR_ok;
	if (!punt->ports_reserved)
		snprintf(why, why_bytes, "the kernel's range of ports can't be set: %s",
			 strerror(errno));
	return punt->ports_reserved;
}

static void
forget_prepared(struct punt *punt)
{
	for (uint32_t port = 0; port < LIMIT_INTERFACES; port++) {
		if (punt->next[port] && !is_in(punt->kernel, punt->next[port]))
			port_kernel_close(punt->next[port]);
		punt->next[port] = NULL;
	}
}

static struct port_kernel *
find(struct punt *punt, const char *name)
{
	for (uint32_t port = 0; port < LIMIT_INTERFACES; port++)
		if (punt->kernel[port] && strcmp(port_kernel_name(punt->kernel[port]), name) == 0)
			return punt->kernel[port];
	return NULL;
}

static bool
is_in(struct port_kernel *const *list, const struct port_kernel *kernel)
{
	for (uint32_t port = 0; port < LIMIT_INTERFACES; port++)
		if (list[port] == kernel)
			return true;
	return false;
}

/* A frame that is under way meanwhile may come to another interface; who is not meant there ignores it. */
void
punt_adopt(struct punt *punt, const struct net_config *config)
{
	struct port_kernel *old[LIMIT_INTERFACES];

	pthread_mutex_lock(&punt->lock);
	memcpy(old, punt->kernel, sizeof old);
	memcpy(punt->kernel, punt->next, sizeof old);
	pthread_mutex_unlock(&punt->lock);
	memset(punt->next, 0, sizeof punt->next);
	for (uint32_t port = 0; port < LIMIT_INTERFACES; port++) {
		if (old[port] && !is_in(punt->kernel, old[port]))
			port_kernel_close(old[port]);
		if (punt->kernel[port])
			set_up(punt->kernel[port], config, port);
	}
	(void)eventfd_write(punt->wake, 1);
}

static void
set_up(struct port_kernel *kernel, const struct net_config *config, uint32_t port)
{
	const struct gen_port *row = &generation_ports(config->generation)[port];
	const struct gen_address *own =
	    &generation_addresses(config->generation)[row->first_address];
	struct port_kernel_setup setup = {
		.mtu_bytes = RTE_MIN(config->ports[port].mtu_bytes, (uint16_t)PUNT_PACKET_MAX),
		.address_count = row->address_count,
	};
	char why[256];

	memcpy(setup.mac, config->ports[port].mac, sizeof setup.mac);
	for (uint32_t i = 0; i < row->address_count; i++)
		setup.address[i] = (struct port_kernel_address){ own[i].addr, own[i].prefix_len };
	if (port_kernel_set(kernel, &setup, why, sizeof why))
		fprintf(stderr, "fairlead-dataplane: services of port %s: %s\n",
			port_kernel_name(kernel), why);
}

/* ---- the thread ---- */

static void *
run(void *argument)
{
	struct punt *punt = argument;
	uint32_t idle_rounds = BUSY_ROUNDS;

	while (!atomic_load(&punt->stop)) {
		wait_for_work(punt, idle_rounds < BUSY_ROUNDS ? BUSY_WAIT_US : IDLE_WAIT_US);
		if (carry_all(punt))
			idle_rounds = 0;
		else if (idle_rounds < BUSY_ROUNDS)
			idle_rounds++;
	}
	return NULL;
}

static bool
carry_all(struct punt *punt)
{
	bool moved = false;

	pthread_mutex_lock(&punt->lock);
	for (uint32_t w = 0; w < punt->workers; w++)
		moved |= carry_to_kernel(punt, punt->to_kernel[w]);
	for (uint32_t port = 0; port < LIMIT_INTERFACES; port++)
		if (punt->kernel[port])
			moved |= carry_from_kernel(punt, port);
	pthread_mutex_unlock(&punt->lock);
	return moved;
}

static bool
carry_to_kernel(struct punt *punt, struct punt_ring *ring)
{
	const struct punt_frame *frame;
	uint32_t n;

	for (n = 0; n < BURST && (frame = punt_ring_next(ring)); n++) {
		struct port_kernel *kernel =
		    frame->port < LIMIT_INTERFACES ? punt->kernel[frame->port] : NULL;

		if (!kernel || !port_kernel_write(kernel, frame->bytes, frame->len_bytes))
			atomic_fetch_add_explicit(&punt->lost, 1, memory_order_relaxed);
		punt_ring_pop(ring);
	}
	return n > 0;
}

/* What finds no room waits in the interface's own queue. */
static bool
carry_from_kernel(struct punt *punt, uint32_t port)
{
	struct punt_frame *frame;
	uint32_t n;

	for (n = 0; n < BURST && (frame = punt_ring_room(punt->from_kernel)); n++) {
		frame->len_bytes = (uint16_t)port_kernel_read(punt->kernel[port], frame->bytes,
							      sizeof frame->bytes);
		if (!frame->len_bytes)
			break;
		frame->port = (uint8_t)port;
		punt_ring_push(punt->from_kernel);
	}
	return n > 0;
}

/* A full ring towards worker 0 must not keep us awake: then only time ends the wait. */
static void
wait_for_work(struct punt *punt, uint64_t wait_us)
{
	struct pollfd fds[1 + LIMIT_INTERFACES] = { { .fd = punt->wake, .events = POLLIN } };
	struct timespec wait = { .tv_nsec = (long)wait_us * 1000 };
	bool has_room = punt_ring_room(punt->from_kernel) != NULL;
	nfds_t count = 1, interfaces = 0;
	eventfd_t ignored;

	pthread_mutex_lock(&punt->lock);
	for (uint32_t port = 0; port < LIMIT_INTERFACES; port++) {
		if (!punt->kernel[port])
			continue;
		interfaces++;
		if (has_room)
			fds[count++] = (struct pollfd){ .fd = port_kernel_fd(punt->kernel[port]),
							.events = POLLIN };
	}
	pthread_mutex_unlock(&punt->lock);
	if (ppoll(fds, count, interfaces ? &wait : NULL, NULL) > 0 && fds[0].revents)
		(void)eventfd_read(punt->wake, &ignored);
}
