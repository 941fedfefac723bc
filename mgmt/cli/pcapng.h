/*
 * Writing a pcapng file (draft-ietf-opsawg-pcapng): one section, an interface a port, frames with direction and
 * the reason why they were dropped.
 */
#ifndef MGMT_CLI_PCAPNG_H
#define MGMT_CLI_PCAPNG_H

#include <stdint.h>
#include <stdio.h>

#include "fw/abi/tap.h"

/* Each writes one block to out, in this machine's byte order; errors are ferror's. Borrow. */
void pcapng_section(FILE *out, const char *application);
/* The next interface, numbered from 0; timestamps are microseconds. */
void pcapng_interface(FILE *out, const char *name, uint32_t snap_bytes, const char *filter);
void pcapng_frame(FILE *out, uint32_t interface, const struct tap_record *record);
/* At the end; comment: "" or what is to be said about it. */
void pcapng_statistics(FILE *out, uint32_t interface, uint64_t unix_us, uint64_t delivered,
		       const char *comment);

#endif
