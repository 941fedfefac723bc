/*
 * Requests to mgmtd over the Unix SEQPACKET socket mgmtd.sock: one request, one reply. Texts of any
 * size come and go as file descriptors of regular files (a memfd will do), so that their size is no
 * matter of socket buffers. mgmt/push/ask.h has the call.
 *
 * mgmtd holds one candidate, which EDIT and ROLLBACK change and COMMIT makes run. It starts as a
 * copy of what runs and is one again after each COMMIT, LOAD and ROLLBACK to 0.
 */
#ifndef MGMT_PUSH_REQUEST_H
#define MGMT_PUSH_REQUEST_H

#include <stdint.h>

#define REQUEST_VERSION    2u
#define REQUEST_NAME_BYTES 256
#define REQUEST_LINE_BYTES 4096
#define REQUEST_TEXT_BYTES 8192

enum request_kind {
	REQUEST_LOAD = 1, /* make the passed text the running configuration; resets the candidate */
	REQUEST_CHECK,    /* say what is wrong with the passed text, change nothing */
	REQUEST_EDIT,     /* apply `line` to the candidate, wholly or not at all */
	REQUEST_CANDIDATE, /* pass back the candidate as canonical text */
	REQUEST_SET_LINES, /* pass back the candidate as lines that EDIT understands */
	REQUEST_COMPARE,   /* pass back what leads from the running configuration to the candidate:
			    * lines "+ set ..." and "- set ...", "! ..." for another order; no line
			    * when they are equal */
	REQUEST_VALIDATE,  /* say what is wrong with the candidate, change nothing */
	REQUEST_COMMIT,    /* validate the candidate and make it the running configuration */
	REQUEST_ROLLBACK,  /* 0: candidate := running; n: := the n-th committed before that */
	REQUEST_HISTORY,   /* pass back what ROLLBACK reaches, 0 first, a line each:
			    * "number generation unix-seconds origin", origin one word */
	REQUEST_ALIVE,     /* nothing but a reply: whether mgmtd still serves */
};

/*
 * A line for EDIT: words with blanks between them; a word in double quotes may hold blanks, and \"
 * and \\ in it stand for " and \. schema.tbl has the nouns and fields, schema_word() their words.
 *
 *   set NOUN KEY [FIELD VALUE]...                   makes the object if it is not there
 *   set pool KEY [FIELD VALUE]... member ADDRESS:PORT [FIELD VALUE]...
 *   delete NOUN KEY                                 the whole object
 *   delete NOUN KEY FIELD [VALUE]                   back to the default; of a list: that value
 *   delete pool KEY member ADDRESS:PORT [FIELD]
 *
 * KEY is the name; of a route its destination. Fields that are lists (addresses, headers) have
 * their singular: set port p0 address 10.0.0.1/24 adds one.
 */
struct request {
	uint32_t version; /* REQUEST_VERSION */
	uint32_t kind;    /* enum request_kind */
	uint32_t number;  /* ROLLBACK */
	uint32_t pad;
	char name[REQUEST_NAME_BYTES]; /* LOAD, CHECK: of the text, for messages; NUL-terminated */
	char line[REQUEST_LINE_BYTES]; /* EDIT; NUL-terminated */
};

struct reply {
	uint32_t version;
	uint32_t err;        /* enum err */
	uint32_t edits;      /* EDITs and ROLLBACKs that the candidate holds uncommitted */
	uint32_t text_bytes; /* of the passed text */
	char text[REQUEST_TEXT_BYTES]; /* lines for people, without the last newline, empty when
					* there is nothing to say; NUL-terminated */
};

#endif
