/*
 * Asking a human for a new password: twice, not echoed by a terminal.
 */
#ifndef FW_SERVICES_SECRET_H
#define FW_SERVICES_SECRET_H

#include <stdio.h>

#define SECRET_BYTES 512u

enum secret {
	SECRET_TAKEN,
	SECRET_REFUSED,   /* it can't be a password, or the two differ */
	SECRET_CANCELLED, /* ^C or ^D, on a terminal */
	SECRET_CLOSED,    /* nobody can answer any more */
};

/*
 * Asks on out and reads from fd, where answers need not come from a terminal. TAKEN: out_text is the password, to be
 * wiped by the caller. REFUSED: why lends a constant for people. Borrows out.
 */
enum secret secret_ask(int fd, FILE *out, char out_text[SECRET_BYTES], const char **why);

#endif
