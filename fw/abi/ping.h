/*
 * One probe of another host by ICMP echo, as `ping` and `traceroute` ask for it by the mailbox: what is sent, and what
 * has come back.
 */
#ifndef FW_ABI_PING_H
#define FW_ABI_PING_H

#include <stdint.h>

#include "fw/base/addr.h"

#define PING_SLOTS       8u    /* under way at a time */
#define PING_BYTES_MAX   1400u /* behind the ICMP header */
#define PING_TIMEOUT_MIN 10u   /* milliseconds */
#define PING_TIMEOUT_MAX 5000u

struct ping_plan {
	struct addr to;
	struct addr from;       /* an own address; addr_any: by the route */
	uint32_t payload_bytes; /* behind the ICMP header, at most PING_BYTES_MAX */
	uint32_t hop_limit;     /* 1 to 255 */
	uint32_t timeout_ms;
	uint32_t pad;
};

enum ping_result {
	PING_ANSWERED, /* by an echo reply of the host itself */
	PING_ERROR,    /* by an ICMP error of whoever: type, code */
	PING_SILENCE,  /* not at all in time */
	PING_UNSENT,   /* it could not be sent: reason */
};

struct ping_answer {
	struct addr from;   /* ANSWERED, ERROR: who has said so */
	uint32_t result;    /* enum ping_result */
	uint32_t rtt_us;    /* ANSWERED, ERROR */
	uint32_t reason;    /* UNSENT: enum drop_reason */
	uint8_t type, code; /* ERROR: of ICMP, or of ICMPv6 if the probe was of IPv6 */
	uint8_t hop_limit;  /* ANSWERED: as it came in */
	uint8_t pad;
};

#endif
