/*
 * What of the box itself may be reached through its data ports, from services.tbl. Both planes: it is configured by
 * name, and a generation holds a bit for each.
 */
#ifndef FW_ABI_SERVICES_H
#define FW_ABI_SERVICES_H

#include <stdint.h>

enum service {
#define X(name, protocol, port, per_second, text) SERVICE_##name,
#include "fw/abi/services.tbl"
	SERVICE_COUNT
};

enum service_protocol {
	SERVICE_TCP,  /* one port, either as server or as client */
	SERVICE_VRRP, /* IP protocol 112, to its group */
	SERVICE_ECHO, /* ICMP and ICMPv6 echo */
};

struct service_info {
	const char *name; /* as in the table */
	enum service_protocol protocol;
	uint16_t port;       /* of SERVICE_TCP, else 0 */
	uint32_t per_second; /* packets that may pass each way, a worker */
	const char *text;    /* for people */
};

extern const struct service_info service_infos[SERVICE_COUNT];

/* All names, with a bar before each: behind the first one it is what a choice of the configuration's schema lists. */
extern const char service_words[];
#define SERVICE_WORDS (service_words + 1)

#define SERVICES_ALL ((1u << SERVICE_COUNT) - 1)

#endif
