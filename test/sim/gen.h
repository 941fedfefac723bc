/*
 * Builds a generation in memory from a few lists, as mgmt/push does from the configuration text: what the simulated
 * hosts and the box run under. Indexes in the lists are the generation's.
 */
#ifndef TEST_SIM_GEN_H
#define TEST_SIM_GEN_H

#include <stddef.h>
#include <stdint.h>

#include "fw/abi/generation.h"

#define GEN_ITEMS_MAX 64u

struct gen_spec {
	uint64_t number; /* 0 counts as 1 */
	struct {
		const char *name;
		uint32_t mtu_bytes;
		uint32_t services;    /* bit for each enum service */
		uint32_t parent, tag; /* of a VLAN; tag 0: a port */
	} ports[8];                   /* ports, then VLANs */
	uint32_t port_count;
	struct {
		const char *prefix; /* "10.0.0.1/24" */
		uint32_t port;      /* ascending */
	} addresses[GEN_ITEMS_MAX];
	uint32_t address_count;
	struct {
		const char *to, *via;
		uint32_t port;
		const char *via_too; /* a second gateway on that port; NULL: none */
	} routes[8];                 /* longest prefix first */
	uint32_t route_count;
	struct {
		const char *name, *path;
		enum gen_monitor_type type;
		uint32_t interval_ms, timeout_ms, fall, rise;
		const char *headers, *body; /* NULL: none */
		uint32_t method, jitter_percent;
	} monitors[4];
	uint32_t monitor_count;
	struct {
		const char *name;
		/* name and hash are filled in; of the rest 0 is the usual, but for congestion control and switches */
		struct gen_tcp_profile settings;
	} tcp_profiles[4];
	uint32_t tcp_profile_count;
	struct {
		const char *name;
		const char *tcp_profile; /* NULL: none */
		uint32_t monitor;        /* GENERATION_NONE: none */
		uint32_t members;        /* how many of members[], in order */
		enum gen_method method;
		uint32_t keep_idle_max, keep_idle_timeout_ms; /* 0: the usual */
		bool keep_none;
		uint32_t passive_fall;     /* 0: none */
		uint32_t passive_retry_ms; /* 0: the usual */
	} pools[8];
	uint32_t pool_count;
	struct {
		const char *address;
		uint16_t port;
		uint32_t weight; /* 0 counts as 1 */
		uint32_t connection_limit, backup;
	} members[GEN_ITEMS_MAX];
	uint32_t member_count;
	struct {
		const char *name, *address;
		uint16_t port;
		enum gen_vs_type type;
		uint32_t pool;
		uint32_t idle_timeout_ms;
		const char *tcp_profile; /* NULL: none */
	} servers[8];
	uint32_t server_count;
};

/* Gives a checked generation that free releases. */
struct generation *gen_build(const struct gen_spec *spec, size_t *size_bytes);

#endif
