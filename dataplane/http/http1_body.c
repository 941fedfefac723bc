/*
 * Following a body over the bytes of a connection (RFC 9112 6, 7.1): where it ends, and which bytes are payload. Nothing is
 * copied; of the chunked coding each byte of framing is checked.
 *
 * Chunk extensions and trailer fields pass with the framing: they are checked for characters and length, not for meaning.
 */
#include "dataplane/http/http1.h"

#define SIZE_DIGITS_MAX 16u

/* Values of http_body.state; the states of framing stand in the order of the bytes. */
enum {
	SIZE,
	EXTENSION_SPACE, /* white space between the size and ";" */
	EXTENSION,
	SIZE_LF,
	DATA,
	DATA_CR,
	DATA_LF,
	TRAILER_LINE, /* at the first byte of a trailer line or of the empty line */
	TRAILER_NAME,
	TRAILER_VALUE,
	TRAILER_LF,
	END_LF,
	BROKEN, /* http_body.digits holds the error */
};

static enum http_error next_chunked(struct http_body *body, const char *bytes, uint32_t len,
				    uint32_t *skip, uint32_t *pass);
static enum http_error framing_byte(struct http_body *body, char c);
static enum http_error size_byte(struct http_body *body, char c);
static enum http_error extension_byte(struct http_body *body, char c);
static enum http_error size_complete(struct http_body *body, char c);
static enum http_error trailer_byte(struct http_body *body, char c);
static enum http_error expect(struct http_body *body, char c, char wanted, uint8_t next_state);
static uint32_t take_data(struct http_body *body, uint32_t len);

STATIC_ASSERT(HTTP_ERROR_COUNT <= UINT8_MAX, "an error fits into http_body.digits");

void
http_body_init(struct http_body *body, const struct http_head *head)
{
	memset(body, 0, sizeof *body);
	body->framing = head->framing;
	if (head->framing == HTTP_FRAMING_LENGTH)
		body->left = head->content_length;
	body->done = head->framing == HTTP_FRAMING_NONE ||
		     (head->framing == HTTP_FRAMING_LENGTH && head->content_length == 0);
}

enum http_error
http_body_next(struct http_body *body, const char *bytes, uint32_t len, uint32_t *skip,
	       uint32_t *pass)
{
	*skip = *pass = 0;
	if (body->done)
		return HTTP_ERROR_none;
	switch (body->framing) {
	case HTTP_FRAMING_LENGTH:
		*pass = take_data(body, len);
		body->done = body->left == 0;
		break;
	case HTTP_FRAMING_CHUNKED:
		return next_chunked(body, bytes, len, skip, pass);
	case HTTP_FRAMING_CLOSE:
		*pass = len;
		break;
	case HTTP_FRAMING_NONE:
		break;
	}
	return HTTP_ERROR_none;
}

bool
http_body_eof(struct http_body *body)
{
	if (body->framing == HTTP_FRAMING_CLOSE)
		body->done = true;
	return body->done;
}

static enum http_error
next_chunked(struct http_body *body, const char *bytes, uint32_t len, uint32_t *skip,
	     uint32_t *pass)
{
	uint32_t at = 0;

	if (body->state == BROKEN)
		return (enum http_error)body->digits;
	while (at < len && body->state != DATA && !body->done) {
		enum http_error error = framing_byte(body, bytes[at]);

		if (error) {
			body->state = BROKEN;
			body->digits = (uint8_t)error;
			return error;
		}
		at++;
	}
	*skip = at;
	if (body->state == DATA) {
		*pass = take_data(body, len - at);
		if (body->left == 0)
			body->state = DATA_CR;
	}
	return HTTP_ERROR_none;
}

static enum http_error
framing_byte(struct http_body *body, char c)
{
	switch (body->state) {
	case SIZE:
		return size_byte(body, c);
	case EXTENSION_SPACE:
	case EXTENSION:
		return extension_byte(body, c);
	case SIZE_LF:
		return size_complete(body, c);
	case DATA_CR:
		return expect(body, c, '\r', DATA_LF);
	case DATA_LF:
		return expect(body, c, '\n', SIZE);
	default:
		return trailer_byte(body, c);
	}
}

/* chunk-size = 1*HEXDIG, of which we take 16 */
static enum http_error
size_byte(struct http_body *body, char c)
{
	unsigned digit = (unsigned char)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);

	if (http1_is(c, HTTP1_HEX)) {
		if (body->digits == SIZE_DIGITS_MAX)
			return HTTP_ERROR_chunk_size;
		body->left = body->left << 4 | digit;
		body->digits++;
		return HTTP_ERROR_none;
	}
	if (body->digits == 0 || body->left > INT64_MAX)
		return HTTP_ERROR_chunk_size;
	switch (c) {
	case '\r':
		body->state = SIZE_LF;
		return HTTP_ERROR_none;
	case ';':
	case ' ':
	case '\t':
		body->state = EXTENSION_SPACE;
		return extension_byte(body, c);
	default:
		return HTTP_ERROR_chunk_size;
	}
}

/* chunk-ext = *( BWS ";" ...): white space alone is no extension. */
static enum http_error
extension_byte(struct http_body *body, char c)
{
	if (body->state == EXTENSION && c == '\r') {
		body->state = SIZE_LF;
		return HTTP_ERROR_none;
	}
	if (!http1_is(c, HTTP1_VALUE))
		return HTTP_ERROR_chunk_extension;
	if (body->state == EXTENSION_SPACE) {
		if (c == ';')
			body->state = EXTENSION;
		else if (c != ' ' && c != '\t')
			return HTTP_ERROR_chunk_extension;
	}
	if (++body->extension_bytes > HTTP_EXTENSIONS_MAX_BYTES)
		return HTTP_ERROR_chunk_extension_too_long;
	return HTTP_ERROR_none;
}

static enum http_error
size_complete(struct http_body *body, char c)
{
	body->digits = 0;
	return expect(body, c, '\n', body->left ? DATA : TRAILER_LINE);
}

/* trailer-section = *( field-line CRLF ), and the CRLF that ends the body */
static enum http_error
trailer_byte(struct http_body *body, char c)
{
	bool ends = body->state == END_LF || (body->state == TRAILER_LINE && c == '\r');

	if (!ends && ++body->trailer_bytes > HTTP_TRAILER_MAX_BYTES)
		return HTTP_ERROR_trailer_too_long;
	switch (body->state) {
	case TRAILER_LINE:
		if (c == '\r')
			body->state = END_LF;
		else if (http1_is(c, HTTP1_TOKEN))
			body->state = TRAILER_NAME;
		else
			return HTTP_ERROR_trailer;
		return HTTP_ERROR_none;
	case TRAILER_NAME:
		if (c == ':')
			body->state = TRAILER_VALUE;
		else if (!http1_is(c, HTTP1_TOKEN))
			return HTTP_ERROR_trailer;
		return HTTP_ERROR_none;
	case TRAILER_VALUE:
		if (c == '\r')
			body->state = TRAILER_LF;
		else if (!http1_is(c, HTTP1_VALUE))
			return HTTP_ERROR_trailer;
		return HTTP_ERROR_none;
	case TRAILER_LF:
		body->state = TRAILER_LINE;
		return c == '\n' ? HTTP_ERROR_none : HTTP_ERROR_trailer;
	default:
		ASSERT(body->state == END_LF);
		body->done = c == '\n';
		return body->done ? HTTP_ERROR_none : HTTP_ERROR_trailer;
	}
}

static enum http_error
expect(struct http_body *body, char c, char wanted, uint8_t next_state)
{
	if (c != wanted)
		return HTTP_ERROR_chunk_end;
	body->state = next_state;
	return HTTP_ERROR_none;
}

static uint32_t
take_data(struct http_body *body, uint32_t len)
{
	uint32_t taken = body->left < len ? (uint32_t)body->left : len;

	body->left -= taken;
	return taken;
}
