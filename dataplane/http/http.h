/*
 * HTTP/1.0 and 1.1 messages (RFC 9110, 9112): strict parsing of heads, writing them anew, following
 * bodies. Bytes in, structs out; no connections, no packets, no memory of its own. session.c calls
 * it.
 *
 * A client's bytes are never forwarded: the head that goes on is written from the parsed form.
 * Bodies pass through untouched, but each byte of their framing is checked.
 */
#ifndef DATAPLANE_HTTP_HTTP_H
#define DATAPLANE_HTTP_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fw/base/assert.h"
#include "fw/base/str.h"

#define HTTP_HEAD_MAX_BYTES 16384u /* a head with its empty line; longer is refused */
#define HTTP_FIELDS_MAX     100u
#define HTTP_STATUS_MIN     100u
#define HTTP_STATUS_MAX     599u

/*
 * What can be wrong with a message: a row in http_errors.tbl gives name, status answered to the
 * client, text. The status is for a request at fault; a response at fault is the member's mistake
 * and always answered with 502.
 */
enum http_error {
#define X(name, status, text) HTTP_ERROR_##name,
#include "dataplane/http/http_errors.tbl"
	HTTP_ERROR_COUNT
};

unsigned http_error_status(enum http_error error);
const char *http_error_text(enum http_error error);

enum http_framing {
	HTTP_FRAMING_NONE,   /* no body */
	HTTP_FRAMING_LENGTH, /* content_length bytes, may be 0 */
	HTTP_FRAMING_CHUNKED,
	HTTP_FRAMING_CLOSE, /* until the connection ends; responses only */
};

/* Those whose meaning matters to us; any other token is HTTP_METHOD_OTHER. */
enum http_method {
	HTTP_METHOD_OTHER,
	HTTP_METHOD_GET,
	HTTP_METHOD_HEAD,
	HTTP_METHOD_POST,
	HTTP_METHOD_PUT,
	HTTP_METHOD_DELETE,
	HTTP_METHOD_OPTIONS,
	HTTP_METHOD_CONNECT,
	HTTP_METHOD_TRACE,
	HTTP_METHOD_PATCH,
};

/* Fields whose meaning matters to us; any other is HTTP_NAME_OTHER. */
enum http_name {
	HTTP_NAME_OTHER,
	HTTP_NAME_CONNECTION,
	HTTP_NAME_CONTENT_LENGTH,
	HTTP_NAME_EXPECT,
	HTTP_NAME_HOST,
	HTTP_NAME_KEEP_ALIVE,
	HTTP_NAME_PROXY_CONNECTION,
	HTTP_NAME_TE,
	HTTP_NAME_TRANSFER_ENCODING,
	HTTP_NAME_UPGRADE,
	HTTP_NAME_X_FORWARDED_FOR,
	HTTP_NAME_COUNT
};

struct http_field {
	struct str name, value; /* value without surrounding white space */
	uint8_t id;             /* enum http_name */
	/*
	 * Not to be forwarded as it is: named by Connection, by RFC 9110 7.6.1, or because we write
	 * it ourselves (Host, framing).
	 */
	bool hop_by_hop;
};

/* A parsed head; slices lend the bytes that were parsed. */
struct http_head {
	enum http_method method; /* request */
	struct str method_text;  /* request */
	/*
	 * Request: origin-form, absolute-form reduced to origin-form, or "*". An absolute-form with
	 * a query but no path leaves "?...", before which the writer puts "/".
	 */
	struct str target;
	/* Request: from the absolute-form target if any, else the Host field; empty in HTTP/1.0 without. */
	struct str host;
	uint16_t status;           /* response */
	struct str reason;         /* response */
	uint8_t minor_version;     /* HTTP/1.x: 0 or 1 (higher minors count as 1) */
	bool keep_alive;           /* the connection persists, as its sender says (RFC 9112 9.3) */
	bool expect_continue;      /* request of HTTP/1.1: Expect: 100-continue */
	enum http_framing framing; /* of the body that follows */
	uint64_t content_length;   /* HTTP_FRAMING_LENGTH: bytes, below 2^63 */
	uint32_t field_count;
	struct http_field field[HTTP_FIELDS_MAX];
};

/*
 * Looks for the end of a head (empty line; RFC 9112 2.1) in the next bytes of a message; *scan
 * keeps the place between calls (start with {0}). Answers the head's length within what was fed
 * since the start, counted in *scan.fed, or 0: more is needed.
 *
 * Bytes that can't become a head (the first one can't start a method or version, an LF without CR)
 * end it at once, so that they are refused by http_parse_request or http_parse_response instead of
 * waited for: these refuse every such piece. Empty lines before a request line (RFC 9112 2.2) are
 * for the caller to skip, while scan->fed is 0; a lone CR fed as the first byte is not counted,
 * since its LF may follow.
 */
struct http_scan {
	uint32_t fed;    /* bytes seen so far */
	uint8_t matched; /* state: how much of CRLF CRLF stands at the end */
};
uint32_t http_find_head(struct http_scan *scan, const char *bytes, uint32_t len);

/*
 * Parses a whole head (with its empty line). HTTP_ERROR_none or what is wrong first. Strict: bare
 * CR or LF, NUL, white space before a colon, line folding, both Content-Length and
 * Transfer-Encoding, more than one Content-Length (equal ones too), unknown codings, HTTP/1.0 with
 * Transfer-Encoding, two Hosts, missing Host in 1.1, and other ways of smuggling are refused.
 * CONNECT and TRACE are not supported. Borrows bytes; head lends slices of them, and is half filled
 * after an error.
 */
MUST_CHECK enum http_error
http_parse_request(const char *bytes, uint32_t len, struct http_head *head);
/*
 * As above. request_method decides about the body (HEAD; 1xx, 204, 304 have none). 101 is refused.
 */
MUST_CHECK enum http_error
http_parse_response(const char *bytes, uint32_t len, enum http_method request_method,
		    struct http_head *head);

/* What is changed while writing a head anew. */
struct http_rewrite {
	struct str client_address; /* request: appended to X-Forwarded-For; empty: not */
	struct str host;           /* request: Host where the head has none (HTTP/1.0) */
	/*
	 * What we want of the connection that the head goes to: written as Connection where it
	 * isn't the version's default. A response whose body ends with the connection says close
	 * whatever is wanted.
	 */
	bool keep_alive;
	uint8_t minor_version; /* response: of the client; with 0 see http_body_strips */
};
/*
 * Write into out (cap bytes): always as HTTP/1.1, requests with Host first; end-to-end fields in
 * their order; our own framing and Connection fields. Answer the length, 0 if it doesn't fit.
 */
uint32_t http_write_request(const struct http_head *head, const struct http_rewrite *rewrite,
			    char *out, uint32_t cap);
uint32_t http_write_response(const struct http_head *head, const struct http_rewrite *rewrite,
			     char *out, uint32_t cap);
/*
 * A complete response of the appliance itself: status, short text/plain body with text,
 * Content-Length, Connection: close unless keep_alive (of an HTTP/1.1 client). Head only with
 * head_only. Answers the length, 0 if it doesn't fit.
 */
uint32_t http_write_error(unsigned status, const char *text, bool keep_alive, bool head_only,
			  char *out, uint32_t cap);
/*
 * "HTTP/1.1 100 Continue" etc. are responses of the member and relayed like others; nothing here
 * for them.
 */

/*
 * Whether a response's body loses its chunked framing towards a client of this version, and ends
 * with the connection.
 */
static inline bool
http_body_strips(const struct http_head *head, uint8_t minor_version)
{
	return head->framing == HTTP_FRAMING_CHUNKED && minor_version == 0;
}

#define HTTP_EXTENSIONS_MAX_BYTES 1024u /* chunk extensions of one body */
#define HTTP_TRAILER_MAX_BYTES    8192u /* the trailer section of one body */

struct http_body {
	enum http_framing framing;
	uint64_t left;                           /* bytes left of the body, or of the chunk */
	uint8_t state;                           /* of the chunked coding's parser */
	uint8_t digits;                          /* of the chunk size read so far */
	bool done;                               /* the message is complete */
	uint32_t trailer_bytes, extension_bytes; /* bounded */
};
/* Starts following the body announced by head; done at once when there is none. */
void http_body_init(struct http_body *body, const struct http_head *head);
/*
 * Looks at the next len bytes of the connection: *skip bytes of framing come first, then *pass
 * bytes of payload; call again with what is behind them until both are 0 or body->done (what is
 * left over belongs to the next message). When malformed, HTTP_ERROR_chunk_* or _trailer*, at every
 * further call too. Passing a chunked body on as it is means relaying skip and pass alike; for an
 * HTTP/1.0 client only pass.
 */
MUST_CHECK enum http_error http_body_next(struct http_body *body, const char *bytes, uint32_t len,
					  uint32_t *skip, uint32_t *pass);
/* The connection ended: whether that completes the body (HTTP_FRAMING_CLOSE, or done already). */
bool http_body_eof(struct http_body *body);

#endif
