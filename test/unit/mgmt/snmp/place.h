/*
 * A run directory as mgmtd and the data plane leave it, made for a test that plays both.
 */
#ifndef TEST_UNIT_MGMT_SNMP_PLACE_H
#define TEST_UNIT_MGMT_SNMP_PLACE_H

#include "fw/abi/files.h"
#include "fw/abi/generation.h"
#include "fw/abi/health.h"
#include "fw/abi/stats.h"

struct place {
	char run_dir[64];
	struct file_map stats_map, health_map;
	struct stats *stats;
	struct health_table *health;
};

/*
 * Pool web (monitor up): 10.0.1.11:80 up, [fd00::12]:8080 down, 10.0.1.9:80 not probed; pool b without a monitor:
 * 10.0.1.14:80 and its backup 10.0.1.15:80. Virtual servers www (http, web) and six (tcp, b, IPv6).
 */
extern const char place_configuration[];

/* No file but the directory. */
void place_open(struct place *place);
void place_commit(const struct place *place, const char *configuration);
/* Stats and health of a data plane that lives (this process); every slot has its owner. */
void place_start_dataplane(struct place *place);
void place_stop_dataplane(struct place *place);
void place_close(struct place *place);
/* The member of the current generation, by its place in the text; lends until the next call. */
const struct gen_member *place_member(const struct place *place, uint32_t index);
const struct gen_virtual_server *place_virtual_server(const struct place *place, uint32_t index);

#endif
