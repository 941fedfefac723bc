/* The command line: see options.h. Each workload has numbers of its own that hold where nothing else is said. */
#include "test/bench/gen/options.h"

#include <getopt.h>
#include <rte_ether.h>
#include <stdlib.h>
#include <string.h>

#include "fw/base/addr.h"
#include "fw/base/str.h"
#include "test/bench/gen/source.h"

#define CONNS_MAX   (1u << 22)
#define OBJECT_MAX  (1u << 28)
#define CHECK_EVERY 16u

const char *const gen_workload_names[GEN_WORKLOADS] = {
	[GEN_KEEPALIVE] = "keepalive", [GEN_PIPELINE] = "pipeline",
	[GEN_CONNECT] = "connect",     [GEN_CONNECT_BOTH] = "connect-both",
	[GEN_OPEN] = "open",           [GEN_BULK] = "bulk",
	[GEN_IDLE] = "idle",
};

static const struct {
	uint32_t conns, pipeline, object_bytes;
} defaults[GEN_WORKLOADS] = {
	[GEN_KEEPALIVE] = { 256, 1, 1024 }, [GEN_PIPELINE] = { 64, 8, 1024 },
	[GEN_CONNECT] = { 512, 1, 1024 },   [GEN_CONNECT_BOTH] = { 512, 1, 1024 },
	[GEN_OPEN] = { 512, 1, 1024 },      [GEN_BULK] = { 16, 1, 1 << 20 },
	[GEN_IDLE] = { 10000, 1, 1024 },
};

enum option_name {
	WORKLOAD,
	CLIENT,
	SERVER,
	CLIENT_NET,
	SERVER_NET,
	CLIENT_ADDRESS,
	SERVER_ADDRESS,
	SERVER_EXCEPT,
	TARGET,
	VIA,
	HOST,
	CONNS,
	ORIGIN_CONNS,
	PIPELINE,
	OBJECT,
	RATE,
	ARRIVALS,
	ADDRESSES,
	CLOSES,
	FLOOD,
	FLOOD_TARGET,
	FLOOD_MAC,
	FLOOD_BEAT,
	WARMUP,
	RUN,
	LINGER,
	READY,
	WINDOW,
	CWND,
	CHECK,
	CORE,
	MBUFS,
	NO_HUGE,
	NO_TIMESTAMPS,
	HELP,
	OPTIONS
};

static const struct {
	const char *name, *what;
} rows[OPTIONS] = {
	[WORKLOAD] = { "workload", "keepalive|pipeline|connect|connect-both|open|bulk|idle" },
	[CLIENT] = { "client", "SPEC  port of the clients (drivers/port)" },
	[SERVER] = { "server", "SPEC  port of the origin" },
	[CLIENT_NET] = { "client-net", "NET  where clients come from (10.2.0.0/16)" },
	[SERVER_NET] = { "server-net", "NET  the origin is at every address of it (10.0.1.0/24)" },
	[CLIENT_ADDRESS] = { "client-address", "ADDRESS  of the router before them (10.0.0.2)" },
	[SERVER_ADDRESS] = { "server-address", "ADDRESS  one of the origin's (10.0.1.2)" },
	[SERVER_EXCEPT] = { "server-except",
			    "ADDRESS  of server-net that is another's (10.0.1.1)" },
	[TARGET] = { "target", "ADDRESS:PORT  the virtual server (10.0.0.100:80)" },
	[VIA] = { "via", "ADDRESS  next hop there (the target)" },
	[HOST] = { "host", "NAME  of the request's Host (www.example.com)" },
	[CONNS] = { "conns", "N  client connections at the same time" },
	[ORIGIN_CONNS] = { "origin-conns", "N  at most (twice as many)" },
	[PIPELINE] = { "pipeline", "N  requests outstanding on each (pipeline: 8)" },
	[OBJECT] = { "object", "BYTES  of a response's body" },
	[RATE] = { "rate", "N  requests a second (open); with connect, connect-both: connections" },
	[ARRIVALS] = { "arrivals", "poisson|even  (open; poisson)" },
	[ADDRESSES] = { "addresses", "N  of client-net used, a power of two (1024)" },
	[CLOSES] = { "closes", "server|client  who ends a connection of one request (server)" },
	[FLOOD] = { "flood", "N  SYNs a second beside the load, from 198.18.0.0/15" },
	[FLOOD_TARGET] = { "flood-target", "ADDRESS:PORT  whom they ask (10.0.0.1:22)" },
	[FLOOD_MAC] = { "flood-mac", "MAC  Ethernet destination of theirs (next hop's)" },
	[FLOOD_BEAT] = { "flood-beat", "MS  it is off for so long and on as long, in turns" },
	[WARMUP] = { "warmup", "SECONDS  before figures count (1)" },
	[RUN] = { "seconds", "SECONDS  that count (3)" },
	[LINGER] = { "linger", "SECONDS  of load behind the result (0)" },
	[READY] = { "ready", "SECONDS  that the target may take to answer at all (15)" },
	[WINDOW] = { "window", "BYTES  TCP offers to receive (262144)" },
	[CWND] = { "cwnd", "BYTES  TCP sends at most (262144)" },
	[CHECK] = { "check", "N  one segment of N has its checksum and body looked at (16)" },
	[CORE] = { "core", "N  processor (0)" },
	[MBUFS] = { "mbufs", "N  packet buffers (32767)" },
	[NO_HUGE] = { "no-huge", "plain pages" },
	[NO_TIMESTAMPS] = { "no-timestamps", "TCP without them (with, as Linux)" },
	[HELP] = { "help", "" },
};

static bool option(struct gen_options *o, enum option_name name, const char *value);
static bool number(const char *text, uint64_t min, uint64_t max, uint32_t *out);
static bool seconds(const char *text, double *out);
static const char *complete(struct gen_options *o);

void
options_usage(FILE *to)
{
	fprintf(to, "usage: fairlead-gen --workload NAME --client SPEC --server SPEC [options]\n");
	for (unsigned i = 0; i < OPTIONS; i++)
		fprintf(to, "  --%-16s%s\n", rows[i].name, rows[i].what);
}

bool
options_parse(struct gen_options *out, int argc, char **argv, char *why, unsigned why_bytes)
{
	struct option table[OPTIONS + 1] = { 0 };
	const char *missing;
	int found;

	for (int i = 0; i < OPTIONS; i++)
		table[i] =
		    (struct option){ rows[i].name, i < NO_HUGE ? required_argument : no_argument,
				     NULL, i };
	*out = (struct gen_options){
		.workload = GEN_WORKLOADS,
		.client_net = { 0x0a020000, 0xffff0000 },
		.server_net = { 0x0a000100, 0xffffff00 },
		.client_address = 0x0a000002,
		.server_address = 0x0a000102,
		.server_except = 0x0a000101,
		.target = 0x0a000064,
		.target_port = 80,
		.flood_target = 0x0a000001,
		.flood_port = 22,
		.host = "www.example.com",
		.addresses = 1024,
		.warmup_s = 1,
		.run_s = 3,
		.ready_s = 15,
		.poisson = true,
		.stamps = true,
		.window_bytes = 1 << 18,
		.cwnd_bytes = 1 << 18,
		.check_every = CHECK_EVERY,
		.mbufs = 32767,
	};
	optind = 0;
	opterr = 0;
	while ((found = getopt_long(argc, argv, "", table, NULL)) != -1) {
		if (found >= OPTIONS) {
			snprintf(why, why_bytes,
				 "there is no such option, or its value is missing");
			return false;
		}
		if (!option(out, (enum option_name)found, optarg)) {
			snprintf(why, why_bytes, "--%s %s: %s", rows[found].name,
				 optarg ? optarg : "", rows[found].what);
			return false;
		}
	}
	missing = optind < argc ? argv[optind] : complete(out);
	if (missing)
		snprintf(why, why_bytes, "not understood, or missing: %s", missing);
	return !missing;
}

/* What a workload has where nothing was said; what is missing. */
static const char *
complete(struct gen_options *o)
{
	uint32_t most = 1;

	if (o->workload == GEN_WORKLOADS)
		return "--workload";
	if (!o->client_spec || !o->server_spec)
		return "--client and --server";
	if (o->workload == GEN_OPEN && !o->rate)
		return "--rate";
	o->conns = o->conns ? o->conns : defaults[o->workload].conns;
	o->pipeline = o->pipeline ? o->pipeline : defaults[o->workload].pipeline;
	if (o->object_bytes == 0)
		o->object_bytes = defaults[o->workload].object_bytes;
	o->origin_conns = o->origin_conns ? o->origin_conns : 2 * o->conns + 1024;
	o->via = o->via ? o->via : o->target;
	while (most < o->addresses)
		most *= 2;
	if (most != o->addresses || o->addresses > ~o->client_net.mask)
		return "--addresses that are a power of two and fewer than client-net has";
	return NULL;
}

static bool
option(struct gen_options *o, enum option_name name, const char *value)
{
	switch (name) {
	case WORKLOAD:
		for (o->workload = 0; o->workload < GEN_WORKLOADS; o->workload++)
			if (strcmp(gen_workload_names[o->workload], value) == 0)
				return true;
		return false;
	case CLIENT:
		o->client_spec = value;
		return true;
	case SERVER:
		o->server_spec = value;
		return true;
	case CLIENT_NET:
		return options_net(value, &o->client_net);
	case SERVER_NET:
		return options_net(value, &o->server_net);
	case CLIENT_ADDRESS:
		return options_address(value, &o->client_address);
	case SERVER_ADDRESS:
		return options_address(value, &o->server_address);
	case SERVER_EXCEPT:
		return options_address(value, &o->server_except);
	case TARGET:
		return options_endpoint(value, &o->target, &o->target_port);
	case VIA:
		return options_address(value, &o->via);
	case HOST:
		o->host = value;
		return strlen(value) && strlen(value) <= SOURCE_HEAD_MAX / 2;
	case CONNS:
		return number(value, 1, CONNS_MAX, &o->conns);
	case ORIGIN_CONNS:
		return number(value, 1, CONNS_MAX, &o->origin_conns);
	case PIPELINE:
		return number(value, 1, 256, &o->pipeline);
	case OBJECT:
		return number(value, 1, OBJECT_MAX, &o->object_bytes);
	case RATE:
		return number(value, 1, 100000000, &o->rate);
	case ARRIVALS:
		o->poisson = strcmp(value, "poisson") == 0;
		return o->poisson || strcmp(value, "even") == 0;
	case ADDRESSES:
		return number(value, 1, 1u << 16, &o->addresses);
	case CLOSES:
		o->client_closes = strcmp(value, "client") == 0;
		return o->client_closes || strcmp(value, "server") == 0;
	case FLOOD:
		return number(value, 1, 10000000, &o->flood);
	case FLOOD_TARGET:
		return options_endpoint(value, &o->flood_target, &o->flood_port);
	case FLOOD_MAC:
		o->flood_has_mac = options_mac(value, o->flood_mac);
		return o->flood_has_mac;
	case FLOOD_BEAT:
		return number(value, 1, 10000, &o->flood_beat_ms);
	case WARMUP:
		return seconds(value, &o->warmup_s);
	case RUN:
		return seconds(value, &o->run_s) && o->run_s > 0;
	case LINGER:
		return seconds(value, &o->linger_s);
	case READY:
		return seconds(value, &o->ready_s);
	case WINDOW:
		return number(value, 2048, 8000000, &o->window_bytes);
	case CWND:
		return number(value, 2048, 1u << 24, &o->cwnd_bytes);
	case CHECK:
		return number(value, 1, UINT32_MAX, &o->check_every);
	case CORE: {
		uint32_t core;
		bool good = number(value, 0, 1023, &core);

		o->core = good ? (int)core : 0;
		return good;
	}
	case MBUFS:
		return number(value, 2047, 1u << 22, &o->mbufs);
	case NO_HUGE:
		o->no_huge = true;
		return true;
	case NO_TIMESTAMPS:
		o->stamps = false;
		return true;
	case HELP:
		options_usage(stdout);
		exit(0);
	case OPTIONS:
		break;
	}
	return false;
}

static bool
number(const char *text, uint64_t min, uint64_t max, uint32_t *out)
{
	uint64_t value;

	if (!str_to_u64(str_from(text), max, &value) || value < min)
		return false;
	*out = (uint32_t)value;
	return true;
}

static bool
seconds(const char *text, double *out)
{
	char *end;

	*out = strtod(text, &end);
	return end != text && !*end && *out >= 0 && *out <= 86400;
}

bool
options_address(const char *text, uint32_t *out)
{
	struct addr addr;

	if (!addr_parse(text, &addr) || !addr_is_v4(&addr))
		return false;
	*out = be32_to(addr_to_v4(&addr));
	return true;
}

bool
options_net(const char *text, struct side_net *out)
{
	struct addr addr;
	unsigned len;

	if (!addr_parse_prefix(text, &addr, &len) || !addr_is_v4(&addr) || len == 0 || len > 30)
		return false;
	out->mask = ~(uint32_t)0 << (32 - len);
	out->base = be32_to(addr_to_v4(&addr)) & out->mask;
	return true;
}

bool
options_endpoint(const char *text, uint32_t *address, uint16_t *port)
{
	const char *colon = strchr(text, ':');
	char host[ADDR_TEXT_MAX];
	uint32_t value;

	if (!colon || (size_t)(colon - text) >= sizeof host)
		return false;
	memcpy(host, text, (size_t)(colon - text));
	host[colon - text] = '\0';
	if (!options_address(host, address) || !number(colon + 1, 1, UINT16_MAX, &value))
		return false;
	*port = (uint16_t)value;
	return true;
}

bool
options_mac(const char *text, uint8_t mac[6])
{
	struct rte_ether_addr parsed;

	if (rte_ether_unformat_addr(text, &parsed))
		return false;
	memcpy(mac, parsed.addr_bytes, sizeof parsed.addr_bytes);
	return true;
}
