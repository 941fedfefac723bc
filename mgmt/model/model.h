/*
 * The configuration as plain structs: what parse.c makes of the text, edit.c changes, validate.c
 * judges, save.c writes and mgmt/push compiles. Addresses lie in one array in the order of their ports, then their
 * bonds, then their VLANs, members in the order of their pools. Everything the text may say is a row of schema.tbl; a member here has
 * the row's name.
 */
#ifndef MGMT_MODEL_MODEL_H
#define MGMT_MODEL_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fw/abi/generation.h"
#include "fw/abi/limits.h"
#include "fw/base/addr.h"
#include "mgmt/model/errors.h"

#define MODEL_VERSION    1u         /* of the configuration text */
#define MODEL_TEXT_BYTES (4u << 20) /* the longest text that is looked at */

struct model_prefix {
	struct addr addr; /* host bits may be set in an own address */
	uint32_t len;     /* in the address's own family */
	uint32_t line;    /* where it stands in the text, for messages; 0: nowhere */
};

/* Some of the addresses, one behind the other. */
struct model_span {
	uint32_t first, count;
};

struct model_port {
	uint32_t line;
	char name[LIMIT_NAME_BYTES + 1];
	struct model_span addresses;
	uint32_t mtu_bytes;
	uint32_t services; /* bit for each enum service */
};

struct model_names {
	uint32_t count;
	char name[LIMIT_BOND_PORTS][LIMIT_PORT_NAME_BYTES + 1]; /* the rest is zero */
};

struct model_bond {
	uint32_t line;
	char name[LIMIT_NAME_BYTES + 1];
	uint32_t mode; /* its place among the words: enum gen_bond_mode less one */
	struct model_names ports;
	struct model_span addresses;
	uint32_t mtu_bytes;
	uint32_t services; /* bit for each enum service */
};

struct model_vlan {
	uint32_t line;
	char name[LIMIT_NAME_BYTES + 1];
	char port[LIMIT_NAME_BYTES + 1]; /* or bond, that carries it */
	struct model_span addresses;
	uint32_t tag;
	uint32_t mtu_bytes;
	uint32_t services; /* bit for each enum service */
};

struct model_gateways {
	uint32_t count;
	uint32_t pad;
	struct addr address[LIMIT_GATEWAYS]; /* the rest is zero */
};

struct model_route {
	uint32_t line;
	struct model_prefix to;
	struct model_gateways via;
};

struct model_management_address {
	uint32_t line;
	struct model_prefix address;
	struct model_gateways gateway; /* one or none */
};

struct model_monitor {
	uint32_t line;
	char name[LIMIT_NAME_BYTES + 1];
	char path[LIMIT_PATH_BYTES + 1];
	char host[LIMIT_HOST_BYTES + 1];
	char headers[LIMIT_HEADERS_BYTES + 1]; /* each "Name: value\r\n" */
	char body[LIMIT_BODY_MATCH_BYTES + 1];
	uint32_t type;   /* enum gen_monitor_type */
	uint32_t method; /* enum gen_monitor_method */
	uint32_t interval_ms, timeout_ms, jitter_percent;
	uint32_t fall, rise;
	struct gen_statuses status;
};

struct model_tcp_profile {
	uint32_t line;
	char name[LIMIT_NAME_BYTES + 1];
	uint32_t receive_buffer_bytes, send_buffer_bytes;
	uint32_t delayed_ack_ms;
	uint32_t syn_retries, data_retries;
	uint32_t max_segment_bytes; /* MSS in either direction; 0: by the port's MTU */
	uint32_t user_timeout_ms;
	uint32_t keep_alive_idle_ms, keep_alive_interval_ms, keep_alive_probes;
	uint32_t congestion_control;            /* enum gen_tcp_cc */
	uint32_t ecn, nagle, pacing, fast_open; /* 0 or 1 */
};

struct model_pool {
	uint32_t line;
	char name[LIMIT_NAME_BYTES + 1];
	char monitor[LIMIT_NAME_BYTES + 1];     /* empty: none */
	char tcp_profile[LIMIT_NAME_BYTES + 1]; /* empty: none */
	uint32_t method;                        /* enum gen_method */
	uint32_t keep_idle_max, keep_idle_timeout_ms;
	uint32_t passive_fall, passive_retry_ms;
	uint32_t first_member, member_count; /* in members */
};

struct model_member {
	uint32_t line;
	struct addr address;
	uint32_t port, weight, connection_limit;
	uint32_t backup; /* 0 or 1 */
};

struct model_virtual_server {
	uint32_t line;
	char name[LIMIT_NAME_BYTES + 1];
	char pool[LIMIT_NAME_BYTES + 1];
	char tcp_profile[LIMIT_NAME_BYTES + 1]; /* empty: none */
	struct addr address;
	uint32_t port;
	uint32_t type; /* enum gen_vs_type */
	uint32_t idle_timeout_ms;
};

struct model {
	struct model_port *ports;
	struct model_bond *bonds;
	struct model_vlan *vlans;
	struct model_prefix *addresses;
	struct model_route *routes;
	struct model_management_address *management_addresses;
	struct model_monitor *monitors;
	struct model_tcp_profile *tcp_profiles;
	struct model_pool *pools;
	struct model_member *members;
	struct model_virtual_server *virtual_servers;
	uint32_t port_count, bond_count, vlan_count, address_count, route_count,
	    management_address_count, monitor_count, tcp_profile_count, pool_count, member_count,
	    virtual_server_count;
};

/* X(array, count): all of them. */
#define MODEL_ARRAYS(X)                                                                            \
	X(ports, port_count)                                                                       \
	X(bonds, bond_count)                                                                       \
	X(vlans, vlan_count)                                                                       \
	MODEL_GENERATION_ARRAYS(X)

/* Those of the same names in a generation, which has ports, bonds and VLANs in one. */
#define MODEL_GENERATION_ARRAYS(X)                                                                 \
	X(addresses, address_count)                                                                \
	X(routes, route_count)                                                                     \
	X(management_addresses, management_address_count)                                          \
	X(monitors, monitor_count)                                                                 \
	X(tcp_profiles, tcp_profile_count)                                                         \
	X(pools, pool_count)                                                                       \
	X(members, member_count)                                                                   \
	X(virtual_servers, virtual_server_count)

/*
 * Parses text (text_bytes long, no NUL needed) by schema.tbl. Fills model, or errors. False if
 * there are errors; what was parsed so far is then in model, good for nothing but model_free.
 * Borrows text; gives model's arrays.
 */
bool model_parse(const char *text, size_t text_bytes, struct model *model, struct errors *errors);
/*
 * Checks what one row of the schema can't: references, addresses, routes. False if it added
 * errors.
 */
bool model_validate(const struct model *model, struct errors *errors);
/* Both, and model_free on failure. */
bool model_load(const char *text, size_t text_bytes, struct model *model, struct errors *errors);
/*
 * Canonical text, fields at their default left out. Gives a malloc'd string, NULL when out of
 * memory.
 */
char *model_save(const struct model *model);
/*
 * Takes zeroed arrays for the counts that are set, each with room for one more. False: out of
 * memory, the model is empty. Gives the arrays.
 */
bool model_take_arrays(struct model *model) __attribute__((warn_unused_result));
/* False: out of memory, to is empty. Gives to's arrays. */
bool model_copy(const struct model *from, struct model *to) __attribute__((warn_unused_result));
/* For a model that has outlived its text: messages about it name no line. */
void model_forget_lines(struct model *model);
/* Takes the arrays. Harmless on a zeroed model. */
void model_free(struct model *model);

/* By name, UINT32_MAX if there is none. */
uint32_t model_find_pool(const struct model *model, const char *name);
uint32_t model_find_monitor(const struct model *model, const char *name);
uint32_t model_find_tcp_profile(const struct model *model, const char *name);
uint32_t model_find_port(const struct model *model, const char *name);
/*
 * Rows, by which a generation has them: the ports, then the bonds, then the VLANs. What all of them have; lends.
 */
uint32_t model_row_count(const struct model *model);
struct model_span *model_row_addresses(const struct model *model, uint32_t row);
const char *model_row_name(const struct model *model, uint32_t row);
/* "port", "bond" or "vlan" */
const char *model_row_noun(const struct model *model, uint32_t row);
uint32_t model_row_line(const struct model *model, uint32_t row);
uint32_t model_row_mtu_bytes(const struct model *model, uint32_t row);
/* The row of the port or bond of that name, UINT32_MAX if there is none. */
uint32_t model_find_carrier(const struct model *model, const char *name);
/* The index of the bond that has the port, UINT32_MAX if none has. */
uint32_t model_bond_of(const struct model *model, const char *port);
/* The row with a connected prefix that the address lies on, UINT32_MAX if there is none. */
uint32_t model_connected_port(const struct model *model, const struct addr *address);

#endif
