/*
 * The data plane's mailbox socket: requests of the other plane (fw/abi/mailbox.h), served by the
 * control thread between its other duties. Nothing in here blocks.
 */
#ifndef DATAPLANE_MAILBOX_H
#define DATAPLANE_MAILBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "fw/abi/mailbox.h"
#include "fw/base/assert.h"
#include "fw/base/err.h"

struct mailbox;

/*
 * Who answers. `answer` fills *reply; a request that needs a worker's answer returns false until
 * that is there, and is asked again. `line` says which requests must wait for each other: of those
 * with one number only the one that came first is asked, until it is answered; 0: waits for nobody.
 */
struct mailbox_handler {
	unsigned (*line)(void *context, const struct mailbox_request *request);
	bool (*answer)(void *context, const struct mailbox_request *request,
		       struct mailbox_reply *reply);
	void *context;
};

/*
 * Listens at path (a stale socket there is replaced), for root only. Borrows handler. Gives.
 * ERR_io: errno says why.
 */
MUST_CHECK enum err
mailbox_open(const char *path, const struct mailbox_handler *handler, struct mailbox **out);
/* Waits up to wait_ms for something to do, and does it. */
void mailbox_poll(struct mailbox *mailbox, int wait_ms);
void mailbox_close(struct mailbox *mailbox);

#endif
