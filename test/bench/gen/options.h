/*
 * What the command line says.
 */
#ifndef TEST_BENCH_GEN_OPTIONS_H
#define TEST_BENCH_GEN_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "test/bench/gen/side.h"

enum gen_workload {
	GEN_KEEPALIVE,
	GEN_PIPELINE,
	GEN_CONNECT,
	GEN_CONNECT_BOTH,
	GEN_OPEN,
	GEN_BULK,
	GEN_IDLE,
	GEN_WORKLOADS
};

struct gen_options {
	enum gen_workload workload;
	const char *client_spec, *server_spec;
	struct side_net client_net, server_net;
	uint32_t client_address, server_address; /* who asks for neighbours; host order, as all */
	uint32_t server_except;
	uint32_t target, via;
	uint16_t target_port;
	const char *host;
	uint32_t conns, origin_conns, pipeline, object_bytes, rate, addresses;
	double warmup_s, run_s, linger_s, ready_s;
	bool poisson, client_closes, stamps;
	uint32_t flood, flood_target; /* SYNs a second, beside the load */
	uint16_t flood_port;
	uint32_t flood_beat_ms; /* it is on for so long, and off as long; 0: always on */
	bool flood_has_mac;
	uint8_t flood_mac[6];
	uint32_t window_bytes, cwnd_bytes, check_every;
	int core;
	bool no_huge;
	uint32_t mbufs;
};

extern const char *const gen_workload_names[GEN_WORKLOADS];

/* False: why is in why. */
bool options_parse(struct gen_options *out, int argc, char **argv, char *why, unsigned why_bytes);
void options_usage(FILE *to);

/* "10.2.0.0/16"; false if it is no such text. */
bool options_net(const char *text, struct side_net *out);
/* "10.0.0.1", "10.0.0.100:80" */
bool options_address(const char *text, uint32_t *out);
bool options_endpoint(const char *text, uint32_t *address, uint16_t *port);
/* "02:00:00:00:00:01" */
bool options_mac(const char *text, uint8_t mac[6]);

#endif
