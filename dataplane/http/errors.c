/*
 * Status and text of each row of http_errors.tbl.
 */
#include "dataplane/http/http.h"

static const struct {
	uint16_t status;
	const char *text;
} rows[HTTP_ERROR_COUNT] = {
#define X(name, status, text) [HTTP_ERROR_##name] = { status, text },
#include "dataplane/http/http_errors.tbl"
};

unsigned
http_error_status(enum http_error error)
{
	ASSERT((unsigned)error < HTTP_ERROR_COUNT);
	return rows[error].status;
}

const char *
http_error_text(enum http_error error)
{
	ASSERT((unsigned)error < HTTP_ERROR_COUNT);
	return rows[error].text;
}
