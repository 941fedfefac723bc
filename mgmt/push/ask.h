/*
 * One request and one reply over a Unix SEQPACKET socket of the run directory, never waiting longer
 * than told.
 */
#ifndef MGMT_PUSH_ASK_H
#define MGMT_PUSH_ASK_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "fw/abi/mailbox.h"
#include "fw/base/err.h"
#include "mgmt/push/request.h"

/*
 * Sends request (and, if fd is not negative, a duplicate of it) to run_dir/socket_name and waits
 * for a reply of at most reply_bytes; *received is its length. ERR_not_found: nobody listens.
 * ERR_busy: no answer in time. ERR_closed: hung up without one. ERR_io. Borrows fd.
 */
enum err ask(const char *run_dir, const char *socket_name, unsigned timeout_ms, const void *request,
	     size_t request_bytes, int fd, void *reply, size_t reply_bytes, size_t *received)
    __attribute__((warn_unused_result));
/*
 * The same of mgmtd: sets request->version, checks the reply (ERR_version, ERR_corrupt), and gives
 * the text that came with it, with a NUL behind it, to be freed with free(); NULL: none came.
 * text may be NULL when none is wanted. reply->err is the caller's to look at. Borrows fd.
 */
enum err ask_mgmtd(const char *run_dir, unsigned timeout_ms, struct request *request, int fd,
		   struct reply *reply, char **text) __attribute__((warn_unused_result));
/*
 * The same of the data plane; also checks the reply: ERR_version, ERR_corrupt. reply->err is the
 * caller's to look at.
 */
enum err
ask_dataplane(const char *run_dir, unsigned timeout_ms, const struct mailbox_request *request,
	      struct mailbox_reply *reply) __attribute__((warn_unused_result));
/*
 * One message of a SEQPACKET socket; if passed_fd is not negative, a duplicate of it goes along.
 * False: errno says why. Borrows passed_fd.
 */
bool
ask_send(int fd, const void *bytes, size_t len, int passed_fd) __attribute__((warn_unused_result));
/*
 * The descriptor that came with a message; gives it, -1: none. Where room for one was made,
 * alignment leaves room for two: of several the last one is given, the others are closed.
 */
int ask_take_descriptor(struct msghdr *message);
/* Sets both time limits of a socket. */
enum err ask_set_timeout(int fd, unsigned timeout_ms) __attribute__((warn_unused_result));

#endif
