/*
 * Requests to mgmtd over the Unix SEQPACKET socket mgmtd.sock: one request, one reply. The
 * configuration text comes along as a file descriptor of a regular file (a memfd will do), so that
 * its size is no matter of socket buffers.
 */
#ifndef MGMT_PUSH_REQUEST_H
#define MGMT_PUSH_REQUEST_H

#include <stdint.h>

#define REQUEST_VERSION    1u
#define REQUEST_NAME_BYTES 256
#define REQUEST_TEXT_BYTES 8192

enum request_kind {
	REQUEST_LOAD = 1, /* make the text the running configuration */
	REQUEST_CHECK,    /* say what is wrong with it, change nothing */
};

struct request {
	uint32_t version;              /* REQUEST_VERSION */
	uint32_t kind;                 /* enum request_kind */
	char name[REQUEST_NAME_BYTES]; /* of the text, for messages; NUL-terminated */
};

struct reply {
	uint32_t version;
	uint32_t err;                  /* enum err */
	char text[REQUEST_TEXT_BYTES]; /* lines for people, without the last newline; NUL-terminated
					*/
};

#endif
