/*
 * The thread that talks to the kernel for the workers, which may not: it carries frames between their rings and the
 * kernel's interfaces of the ports that have services (drivers/port/port_kernel.h). It runs beside the control thread, on
 * its core, and sleeps while there is nothing to carry.
 */
#ifndef DATAPLANE_PUNT_H
#define DATAPLANE_PUNT_H

#include <stdint.h>

#include "dataplane/net/net.h"
#include "dataplane/punt_ring.h"
#include "fw/base/assert.h"
#include "fw/base/err.h"

struct punt;

/* Takes the rings' memory and starts the thread. ERR_no_memory. Gives. */
MUST_CHECK enum err punt_create(uint32_t workers, struct punt **out);
/* Ends the thread; the kernel's interfaces go away. When no worker turns any more. */
void punt_destroy(struct punt *punt);
/* What a worker writes to, and what worker 0 reads. Lends. */
struct punt_ring *punt_to_kernel(struct punt *punt, uint32_t worker);
struct punt_ring *punt_from_kernel(struct punt *punt);

/*
 * Makes the interfaces that a configuration asks for and are not there yet; until punt_adopt nothing else changes, and
 * another punt_prepare takes them back. ERR_io, ERR_invalid: why says what the kernel refused. Control thread. Borrows.
 */
MUST_CHECK enum err
punt_prepare(struct punt *punt, const struct net_config *config, char *why, unsigned why_bytes);
/* From now on the configuration that was prepared: addresses are set, interfaces without services go away. */
void punt_adopt(struct punt *punt, const struct net_config *config);

/* Frames that the kernel did not take, since the start. Any thread. */
uint64_t punt_lost(const struct punt *punt);

#endif
