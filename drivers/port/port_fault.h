/*
 * What the fault wrappers around a port did to its frames. Wrapping itself is port_fault_wrap
 * (port.h).
 */
#ifndef DRIVERS_PORT_PORT_FAULT_H
#define DRIVERS_PORT_PORT_FAULT_H

#include "drivers/port/port.h"

struct port_fault_counts {
	uint64_t frames;     /* that came to the wrapper */
	uint64_t lost;       /* by loss or burst */
	uint64_t duplicated; /* copies made */
	uint64_t reordered;  /* held back so that others overtake */
	uint64_t corrupted;  /* with one bit set that was clear */
	uint64_t queue_full; /* dropped because too many frames or bytes waited */
	uint64_t no_buffer;  /* not duplicated or corrupted for want of a buffer */
};

struct port_fault_stats {
	struct port_fault_counts rx, tx;
};

/*
 * Sums over all fault wrappers around the device; zeros if there is none. Control thread; figures
 * may be a burst old.
 */
void port_fault_stats(const struct port *port, struct port_fault_stats *out);

#endif
