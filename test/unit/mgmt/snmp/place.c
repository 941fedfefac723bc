#include "test/unit/mgmt/snmp/place.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "fw/base/assert.h"
#include "mgmt/push/publish.h"
#include "mgmt/push/view.h"

const char place_configuration[] =
    "version = 1; ports = ( { name = \"p0\"; addresses = [ \"10.0.0.1/16\", \"fd00::1/64\" ]; } );"
    "monitors = ( { name = \"up\"; type = \"tcp\"; } );"
    "pools = ( { name = \"web\"; monitor = \"up\"; members = ("
    "{ address = \"10.0.1.11\"; port = 80; weight = 3; },"
    "{ address = \"fd00::12\"; port = 8080; connection-limit = 9; },"
    "{ address = \"10.0.1.9\"; port = 80; } ); },"
    "{ name = \"b\"; method = \"source-hash\"; members = ( { address = \"10.0.1.14\"; port = 80; },"
    "{ address = \"10.0.1.15\"; port = 80; backup = true; } ); } );"
    "virtual-servers = ("
    "{ name = \"www\"; address = \"10.0.0.100\"; port = 80; type = \"http\"; pool = \"web\"; },"
    "{ name = \"six\"; address = \"fd00::100\"; port = 443; type = \"tcp\"; pool = \"b\"; } );";

static struct file_map current_map;

void
place_open(struct place *place)
{
	*place = (struct place){ 0 };
	snprintf(place->run_dir, sizeof place->run_dir, "/tmp/fairlead-unit-XXXXXX");
	ASSERT(mkdtemp(place->run_dir));
}

void
place_commit(const struct place *place, const char *configuration)
{
	struct errors errors = { 0 };
	struct publisher publisher;
	struct model model;
	char said[PUBLISH_TEXT_BYTES];

	ASSERT(model_load(configuration, strlen(configuration), &model, &errors));
	ASSERT(publish_open(&publisher, place->run_dir, 100) == ERR_ok);
	ASSERT(publish(&publisher, &model, 1, said) == ERR_ok);
	model_free(&model);
}

static const struct generation *
current(const struct place *place)
{
	const struct generation *gen;

	files_unmap(&current_map);
	ASSERT(view_generation(place->run_dir, &current_map, &gen) == ERR_ok);
	return gen;
}

static void *
map_new(const struct place *place, const char *name, size_t size, struct file_map *map)
{
	char path[FILES_PATH_MAX];
	_Bool existed;

	ASSERT(files_path(path, place->run_dir, name));
	(void)remove(path);
	ASSERT(files_map_write(path, size, map, &existed) == ERR_ok && !existed);
	return map->base;
}

static void
own_slots(struct place *place)
{
	const struct generation *gen = current(place);

	for (uint32_t i = 0; i < gen->members.count; i++)
		place->stats->member_owner[generation_members(gen)[i].stats_slot] =
		    generation_members(gen)[i].owner;
	for (uint32_t i = 0; i < gen->virtual_servers.count; i++)
		place->stats->vs_owner[generation_virtual_servers(gen)[i].stats_slot] =
		    generation_virtual_servers(gen)[i].owner;
}

static void
probe(struct place *place, uint32_t index, enum health_state state, enum health_cause cause)
{
	const struct gen_member *member = place_member(place, index);
	const struct generation *gen = current_map.base;
	struct health_entry *entry = health_claim(
	    place->health, &member->endpoint.addr, member->endpoint.port,
	    generation_monitors(gen)[generation_pools(gen)[member->pool].monitor].hash);

	entry->state = state;
	entry->cause = cause;
	entry->probes = 1;
	entry->changed_unix_us = UINT64_C(1700000000000000);
}

void
place_start_dataplane(struct place *place)
{
	static uint64_t incarnation = 0xab;

	ASSERT(files_lock(place->run_dir, FILES_DATAPLANE_LOCK) != ERR_io);
	place->stats = map_new(place, FILES_STATS, sizeof *place->stats, &place->stats_map);
	place->health = map_new(place, FILES_HEALTH, sizeof *place->health, &place->health_map);
	place->stats->magic = STATS_MAGIC;
	place->stats->layout_hash = stats_layout_hash();
	place->stats->incarnation = incarnation++;
	place->stats->started_unix_s = (uint64_t)time(NULL) - 3660;
	place->stats->generation = 1;
	place->stats->pid = (uint32_t)getpid();
	place->stats->workers = 2;
	place->health->magic = HEALTH_MAGIC;
	place->health->layout_hash = health_layout_hash();
	own_slots(place);
	if (current(place)->monitors.count == 0)
		return;
	probe(place, 0, HEALTH_UP, HEALTH_CAUSE_ok);
	probe(place, 1, HEALTH_DOWN, HEALTH_CAUSE_refused);
}

/* As kill -9 leaves it: the files stay, and name a process that is not there. */
void
place_stop_dataplane(struct place *place)
{
	place->stats->pid = INT32_MAX;
	files_unmap(&place->stats_map);
	files_unmap(&place->health_map);
}

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
	return remove(path);
}

void
place_close(struct place *place)
{
	files_unmap(&place->stats_map);
	files_unmap(&place->health_map);
	files_unmap(&current_map);
	ASSERT(nftw(place->run_dir, remove_one, 8, FTW_DEPTH | FTW_PHYS) == 0);
}

const struct gen_member *
place_member(const struct place *place, uint32_t index)
{
	const struct generation *gen = current(place);

	ASSERT(index < gen->members.count);
	return &generation_members(gen)[index];
}

const struct gen_virtual_server *
place_virtual_server(const struct place *place, uint32_t index)
{
	const struct generation *gen = current(place);

	ASSERT(index < gen->virtual_servers.count);
	return &generation_virtual_servers(gen)[index];
}
