/*
 * The one error type. A function either can't fail (void), treats absence as normal (NULL, bool), or can
 * fail (enum err, to be handled or passed on). Text for people is made at the edge, from err.tbl.
 */
#ifndef FW_BASE_ERR_H
#define FW_BASE_ERR_H

enum err {
#define X(name, text) ERR_##name,
#include "fw/base/err.tbl"
	ERR_COUNT
};

/* The row's text; lends a constant. */
const char *err_text(enum err err);

#endif
