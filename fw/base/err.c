/*
 * Texts of the error table.
 */
#include "fw/base/err.h"

static const char *const texts[ERR_COUNT] = {
#define X(name, text) [ERR_##name] = text,
#include "fw/base/err.tbl"
};

const char *
err_text(enum err err)
{
	return (unsigned)err < ERR_COUNT ? texts[err] : "unknown error";
}
