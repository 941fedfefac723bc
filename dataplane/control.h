/*
 * The control thread of the data plane: opens ports, takes all memory, starts workers, and then
 * does for them what needs the kernel: generations, the mailbox, link states, freeing what nobody
 * uses any more.
 */
#ifndef DATAPLANE_CONTROL_H
#define DATAPLANE_CONTROL_H

#include <stdbool.h>
#include <stdint.h>

#include "fw/abi/limits.h"
#include "fw/base/assert.h"
#include "fw/base/err.h"

struct control;

struct control_port {
	const char *name;  /* front-panel name */
	const char *spec;  /* for port_open */
	const char *fault; /* for port_fault_wrap, NULL: none */
};

struct control_options {
	const char *run_dir;
	struct control_port port[LIMIT_PORTS];
	uint32_t port_count;
	uint32_t workers;
	uint32_t mbufs;         /* packet buffers, all workers together */
	uint32_t conns;         /* TCP connections, a worker */
	uint32_t sessions;      /* a worker */
	bool spin;              /* poll without ever sleeping */
	uint32_t idle_sleep_us; /* otherwise an idle worker's longest sleep */
};

/*
 * Everything but starting the workers; EAL must run. On failure says why on stderr. Borrows
 * options. Gives.
 */
MUST_CHECK enum err control_create(const struct control_options *options, struct control **out);
/*
 * Starts the workers on their cores, loads the generation that config/current names, and serves
 * until *stop.
 */
void control_run(struct control *control, const volatile bool *stop);
/* Stops the workers and gives everything back. */
void control_destroy(struct control *control);

#endif
