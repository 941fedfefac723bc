/*
 * Stories of monitors, of members judged by their traffic, of what operators say, and of configurations that change all of it
 * while probes are under way.
 */
#include <stdlib.h>
#include <string.h>

#include "test/sim/stories.h"

static const uint32_t first_member = 0; /* of pool web: server s1 */

static struct http_client *
steady(struct farm *farm)
{
	struct http_plan plan = { .to = farm_endpoint(FARM_VS_WEB),
				  .conns = 4,
				  .parallel = 4,
				  .requests = 1000000,
				  .think_us = 20000,
				  .down_max = 10000 };

	return http_client_new(farm->clients[0], &plan);
}

static uint64_t
answered_by(const struct http_client *client, unsigned server)
{
	return http_client_result(client)->by_server[server];
}

/* Not one of its requests may have failed. */
static void
stop(struct farm *farm, struct http_client *client)
{
	http_client_stop(client);
	EXPECT(farm->world, world_run(farm->world, 120 * SEC, http_client_done, client),
	       "the client does not end");
	EXPECT(farm->world,
	       http_client_result(client)->right == http_client_result(client)->requests,
	       "some failed");
}

static void
reconfigure(struct farm *farm)
{
	farm->spec.number++;
	box_configure(farm->box, &farm->spec);
}

static bool
is_down(void *arg)
{
	const struct health_entry *entry = arg;

	return entry->state == HEALTH_DOWN;
}

/* The transitions of one endpoint, oldest first; answers how many. */
static uint32_t
ledger_of(const struct farm *farm, const char *address, uint16_t port, struct ledger_record *out,
	  uint32_t max)
{
	struct ledger_record *all = calloc(LEDGER_WRITERS * LEDGER_RECORDS, sizeof *all);
	uint32_t count = ledger_read(farm->box->health->ledger, all), found = 0;
	struct addr addr;

	ASSERT(all && addr_parse(address, &addr));
	for (uint32_t i = 0; i < count; i++)
		if (addr_equal(&all[i].address, &addr) && all[i].port == port && found < max)
			out[found++] = all[i];
	free(all);
	return found;
}

struct answer {
	const char *text;
	enum health_cause cause;
};

#define PLAIN "HTTP/1.1 200 x\r\n"

static const struct answer body_answers[] = {
	{ PLAIN "Content-Length: 8\r\n\r\nall well", HEALTH_CAUSE_ok },
	{ PLAIN "Content-Length: 11\r\n\r\nnot all wel", HEALTH_CAUSE_body },
	{ PLAIN "Content-Length: 2\r\n\r\nall well", HEALTH_CAUSE_body },
	{ PLAIN "Content-Length: 20\r\n\r\nall is well", HEALTH_CAUSE_closed },
	{ PLAIN "\r\nuntil the end: all well", HEALTH_CAUSE_ok },
	{ PLAIN "\r\nuntil the end: all", HEALTH_CAUSE_body },
	{ PLAIN "Transfer-Encoding: chunked\r\n\r\n3;a=b\r\nxal\r\n6\r\nl well\r\n0\r\n\r\n",
	  HEALTH_CAUSE_ok },
	{ PLAIN "Transfer-Encoding: chunked\r\n\r\n3\r\nall\r\n4\r\nwell\r\n0\r\nT: all "
		"well\r\n\r\n",
	  HEALTH_CAUSE_body },
	{ PLAIN "Transfer-Encoding: chunked\r\n\r\n3\r\nall well\r\n0\r\n\r\n",
	  HEALTH_CAUSE_malformed },
	{ PLAIN "X: all well\r\nContent-Length: 0\r\n\r\n", HEALTH_CAUSE_body },
	{ "HTTP/1.1 204 all well\r\n\r\n", HEALTH_CAUSE_body },
	{ "HTTP/1.1 500 x\r\nContent-Length: 8\r\n\r\nall well", HEALTH_CAUSE_status },
	{ "HTTP/1.1 103 x\r\nX: all well\r\n\r\n" PLAIN "Content-Length: 8\r\n\r\nall well",
	  HEALTH_CAUSE_ok },
	{ "all well\r\n\r\n", HEALTH_CAUSE_malformed },
	{ PLAIN "Content-Length: 8\r\n", HEALTH_CAUSE_closed },
	{ PLAIN "Content-Length: 8\r\nContent-Length: 9\r\n\r\nall well", HEALTH_CAUSE_malformed },
};

void
story_box_monitor_body(struct world *world)
{
	struct farm farm;

	farm_make(&farm, world, &(struct farm_setup){ .servers = 1 });
	farm.spec.monitors[0].body = "all well";
	farm.spec.monitors[0].interval_ms = 200;
	farm.spec.monitors[0].timeout_ms = 100;
	farm.spec.monitors[0].fall = 1;
	farm.spec.monitors[0].rise = 1;
	reconfigure(&farm);
	for (unsigned i = 0; i < sizeof body_answers / sizeof body_answers[0]; i++) {
		const struct answer *answer = &body_answers[i];
		const struct health_entry *entry = box_health_entry(farm.box, first_member);

		http_server_manners(farm.web[0])->probe_answer = answer->text;
		world_run(world, 1500 * MS, NULL, NULL);
		EXPECT(world, entry->cause == answer->cause, "answer %u: %s, expected %s", i,
		       health_cause_text((enum health_cause)entry->cause),
		       health_cause_text(answer->cause));
		EXPECT(world,
		       entry->state == (answer->cause == HEALTH_CAUSE_ok ? HEALTH_UP : HEALTH_DOWN),
		       "answer %u: %s", i, health_state_text((enum health_state)entry->state));
	}
	http_server_manners(farm.web[0])->probe_answer = NULL;
	http_server_manners(farm.web[0])->stall = true;
	world_run(world, SEC, NULL, NULL);
	EXPECT(world,
	       box_health_entry(farm.box, first_member)->cause == HEALTH_CAUSE_response_timeout,
	       "a member that never answers");
	farm_settle(&farm);
}

/* The server refuses to read a wrong request; with jitter probes are not a beat any more, but as many. */
void
story_box_monitor_methods(struct world *world)
{
	struct farm farm;
	uint64_t probes;

	farm_make(&farm, world, &(struct farm_setup){ 0 });
	for (uint32_t method = GEN_MONITOR_GET; method <= GEN_MONITOR_OPTIONS; method++) {
		farm.spec.monitors[0].method = method;
		farm.spec.monitors[0].headers = "X-Key: a b\r\nAuthorization: Basic eDp5\r\n";
		farm.spec.monitors[0].jitter_percent = 50 * (method > 0);
		farm.spec.monitors[0].interval_ms = 100;
		farm.spec.monitors[0].timeout_ms = 100;
		reconfigure(&farm);
		world_run(world, 2 * SEC, NULL, NULL);
		probes = http_server_result(farm.web[1])->probes;
		world_run(world, 20 * SEC, NULL, NULL);
		probes = http_server_result(farm.web[1])->probes - probes;
		EXPECT(world, probes > 360 && probes < 440,
		       "%llu probes of two targets in 200 intervals", (unsigned long long)probes);
		for (uint32_t i = 0; i < 3; i++)
			EXPECT(world, box_health(farm.box, i) == HEALTH_UP, "method %u: s%u is %s",
			       method, i + 1, health_state_text(box_health(farm.box, i)));
	}
	farm_settle(&farm);
}

void
story_box_monitor_interval(struct world *world)
{
	struct farm farm;

	farm_make(&farm, world, &(struct farm_setup){ 0 });
	farm_wait_up(&farm);
	farm.spec.monitors[0].interval_ms = 3600000;
	farm.spec.monitors[0].timeout_ms = 3600000;
	reconfigure(&farm);
	world_run(world, 20 * SEC, NULL, NULL);
	http_server_listen(farm.web[0], false);
	http_server_manners(farm.web[1])->stall = true; /* a probe that would wait for an hour */
	world_run(world, 3590 * SEC, NULL, NULL);
	EXPECT(world, box_health(farm.box, first_member) == HEALTH_UP, "probed too early");
	farm.spec.monitors[0].interval_ms = 1000;
	farm.spec.monitors[0].timeout_ms = 500;
	reconfigure(&farm);
	world_run(world, 2500 * MS, NULL, NULL);
	EXPECT(world, box_health(farm.box, first_member) == HEALTH_DOWN, "still in the old rhythm");
	EXPECT(world, box_health(farm.box, first_member + 1) == HEALTH_DOWN,
	       "a probe under way keeps its old time limit");
	EXPECT(world, box_health(farm.box, first_member + 2) == HEALTH_UP, "s3 is well");
	farm_settle(&farm);
}

void
story_box_ledger(struct world *world)
{
	static const struct {
		enum health_state from, to;
		enum health_cause cause;
	} expected[] = {
		{ HEALTH_UNKNOWN, HEALTH_UP, HEALTH_CAUSE_ok },
		{ HEALTH_UP, HEALTH_DOWN, HEALTH_CAUSE_refused },
		{ HEALTH_DOWN, HEALTH_UP, HEALTH_CAUSE_ok },
		{ HEALTH_UP, HEALTH_DOWN, HEALTH_CAUSE_status },
	};
	struct ledger_record record[16];
	uint64_t before_us = 0;
	struct farm farm;
	uint32_t count;

	farm_make(&farm, world, &(struct farm_setup){ 0 });
	farm_wait_up(&farm);
	http_server_listen(farm.web[0], false);
	world_run(world, 4 * SEC, NULL, NULL);
	http_server_listen(farm.web[0], true);
	world_run(world, 4 * SEC, NULL, NULL);
	http_server_manners(farm.web[0])->probes_fail = true;
	world_run(world, 4 * SEC, NULL, NULL);
	count = ledger_of(&farm, "10.0.1.11", 80, record, 16);
	EXPECT(world, count == 4, "%u transitions are entered", count);
	for (uint32_t i = 0; i < count; i++) {
		EXPECT(world,
		       record[i].kind == LEDGER_HEALTH && record[i].from == expected[i].from &&
			   record[i].to == expected[i].to && record[i].cause == expected[i].cause,
		       "transition %u: from %u to %u, %s", i, record[i].from, record[i].to,
		       health_cause_text((enum health_cause)record[i].cause));
		EXPECT(world, strcmp(record[i].name, "web-up") == 0, "monitor %s", record[i].name);
		EXPECT(world, record[i].unix_us > before_us, "out of order");
		before_us = record[i].unix_us;
	}
	EXPECT(world,
	       before_us == box_health_entry(farm.box, first_member)->changed_unix_us &&
		   box_health_entry(farm.box, first_member)->transitions == 4,
	       "the entry says otherwise");
	EXPECT(world, ledger_of(&farm, "10.0.1.12", 80, record, 16) == 1, "s2 has changed, too?");
	farm_settle(&farm);
}

/* Three refusals, five seconds of rest, and so on; nothing of it reaches a client. */
void
story_box_passive(struct world *world)
{
	struct ledger_record record[64];
	struct http_client *client;
	struct farm farm;
	uint64_t failed, before;
	uint32_t count;

	farm_make(&farm, world, &(struct farm_setup){ .no_monitor = true });
	farm.spec.pools[FARM_WEB].passive_fall = 3;
	farm.spec.pools[FARM_WEB].passive_retry_ms = 5000;
	reconfigure(&farm);
	client = steady(&farm);
	world_run(world, 3 * SEC, NULL, NULL);
	EXPECT(world, answered_by(client, 1) > 50, "a member nothing is known of is not asked");
	http_server_listen(farm.web[0], false);
	http_server_manners(farm.web[0])->close_after = 1;
	world_run(world, SEC, NULL, NULL);
	EXPECT(world, box_health(farm.box, first_member) == HEALTH_DOWN, "not taken out");
	world_run(world, 30 * SEC, NULL, NULL);
	failed = box_member(farm.box, first_member, MEMBER_COUNTER_conns_failed);
	EXPECT(world, failed >= 15 && failed <= 24, "%llu failed connections in 30 s",
	       (unsigned long long)failed);
	http_server_manners(farm.web[0])->close_after = 0;
	http_server_listen(farm.web[0], true);
	world_run(world, 6 * SEC, NULL, NULL);
	before = answered_by(client, 1);
	world_run(world, SEC, NULL, NULL);
	EXPECT(world, answered_by(client, 1) > before, "not asked again");
	/* accepts, and hangs up without a word: a request may have asked for that */
	http_server_manners(farm.web[0])->hangs_up = true;
	world_run(world, SEC, NULL, NULL);
	EXPECT(world, box_health(farm.box, first_member) != HEALTH_DOWN,
	       "a client can take members out");
	http_server_manners(farm.web[0])->hangs_up = false;
	stop(&farm, client);
	count = ledger_of(&farm, "10.0.1.11", 80, record, 64);
	EXPECT(world, count >= 10, "%u transitions", count);
	for (uint32_t i = 0; i < count; i++) {
		bool over = i & 1;

		EXPECT(world,
		       record[i].to == (over ? HEALTH_UNKNOWN : HEALTH_DOWN) &&
			   record[i].cause ==
			       (over ? HEALTH_CAUSE_passive_over : HEALTH_CAUSE_passive) &&
			   record[i].name[0] == '\0',
		       "transition %u", i);
	}
	farm_settle(&farm);
}

/* Out at once by its traffic, before the monitor has noticed; back by as many probes as `rise` says. */
void
story_box_passive_monitor(struct world *world)
{
	const struct health_entry *entry;
	struct http_client *client;
	struct farm farm;
	uint64_t before;

	farm_make(&farm, world, &(struct farm_setup){ 0 });
	farm.spec.pools[FARM_WEB].passive_fall = 5;
	farm.spec.monitors[0].rise = 3;
	reconfigure(&farm);
	farm_wait_up(&farm);
	entry = box_health_entry(farm.box, first_member);
	client = steady(&farm);
	world_run(world, 2 * SEC, NULL, NULL);
	http_server_listen(farm.web[0], false);
	http_server_manners(farm.web[0])->close_after = 1;
	world_run(world, 500 * MS, NULL, NULL);
	EXPECT(world,
	       entry->state == HEALTH_DOWN && entry->transitions == 2 &&
		   entry->cause == HEALTH_CAUSE_passive,
	       "not taken out by its traffic");
	http_server_manners(farm.web[0])->close_after = 0;
	http_server_listen(farm.web[0], true);
	before = entry->probes;
	while (entry->probes < before + 2)
		world_run(world, 10 * MS, NULL, NULL);
	EXPECT(world, entry->state == HEALTH_DOWN, "back too early");
	world_run(world, 3 * SEC, NULL, NULL);
	EXPECT(world, entry->state == HEALTH_UP, "its monitor does not bring it back");
	stop(&farm, client);
	farm_settle(&farm);
}

void
story_box_passive_commits(struct world *world)
{
	const struct health_entry *entry;
	struct http_client *client;
	struct farm farm;
	uint64_t down_us, back_us;

	farm_make(&farm, world, &(struct farm_setup){ .no_monitor = true });
	farm.spec.pools[FARM_WEB].passive_fall = 2;
	farm.spec.pools[FARM_WEB].passive_retry_ms = 4000;
	reconfigure(&farm);
	client = steady(&farm);
	world_run(world, SEC, NULL, NULL);
	entry = box_health_entry(farm.box, first_member);
	http_server_listen(farm.web[0], false);
	http_server_manners(farm.web[0])->close_after = 1;
	world_run(world, SEC, NULL, NULL);
	EXPECT(world, entry->state == HEALTH_DOWN, "not taken out");
	down_us = entry->changed_unix_us;
	http_server_manners(farm.web[0])->close_after = 0;
	http_server_listen(farm.web[0], true);
	for (unsigned i = 0; i < 40; i++) {
		reconfigure(&farm);
		world_run(world, 60 * MS, NULL, NULL);
	}
	EXPECT(world, entry->state == HEALTH_DOWN && entry->changed_unix_us == down_us,
	       "a commit brings it back");
	world_run(world, 3 * SEC, NULL, NULL);
	EXPECT(world, entry->state == HEALTH_UNKNOWN, "still out");
	back_us = entry->changed_unix_us - down_us;
	EXPECT(world, back_us >= 4 * SEC && back_us < 4 * SEC + 10 * MS, "back after %llu us",
	       (unsigned long long)back_us);
	/* less patience, while it is down */
	http_server_listen(farm.web[0], false);
	http_server_manners(farm.web[0])->close_after = 1;
	world_run(world, SEC, NULL, NULL);
	EXPECT(world, entry->state == HEALTH_DOWN, "not taken out the second time");
	http_server_manners(farm.web[0])->close_after = 0;
	http_server_listen(farm.web[0], true);
	farm.spec.pools[FARM_WEB].passive_retry_ms = 10;
	reconfigure(&farm);
	world_run(world, 50 * MS, NULL, NULL);
	EXPECT(world, entry->state == HEALTH_UNKNOWN, "its time is not the new one");
	stop(&farm, client);
	farm_settle(&farm);
}

/* Attempts that began under a configuration end under the next one: its entry is the same, and its timer runs. */
void
story_box_passive_old_view(struct world *world)
{
	const struct health_entry *entry;
	struct http_client *client;
	struct farm farm;

	farm_make(&farm, world, &(struct farm_setup){ .no_monitor = true });
	farm.spec.pools[FARM_WEB].passive_fall = 2;
	farm.spec.pools[FARM_WEB].passive_retry_ms = 2000;
	reconfigure(&farm);
	host_power_off(farm.servers[0]);
	client = steady(&farm);
	world_run(world, 500 * MS, NULL, NULL);
	reconfigure(&farm);
	world_run(world, 500 * MS, NULL, NULL);
	entry = box_health_entry(farm.box, first_member);
	EXPECT(world, farm.box->view_count == 2, "no attempt is under way under the old view");
	EXPECT(world, entry->state == HEALTH_UNKNOWN, "taken out too early");
	EXPECT(world, world_run(world, 4 * SEC, is_down, (void *)(uintptr_t)entry),
	       "not taken out");
	world_run(world, 2100 * MS, NULL, NULL);
	EXPECT(world, entry->state == HEALTH_UNKNOWN && entry->transitions == 2,
	       "its time is not over");
	host_reboot(farm.servers[0]);
	stop(&farm, client);
	farm_settle(&farm);
}

/*
 * Taken out by its traffic, configured away and back: it is new then, and the timer that still runs
 * for it from before has nothing to end, even if it is due before the worker gets to this member.
 */
void
story_box_passive_again(struct world *world)
{
	const struct health_entry *entry;
	struct http_client *client;
	struct gen_spec less;
	struct farm farm;

	farm_make(&farm, world, &(struct farm_setup){ .no_monitor = true });
	farm.spec.pools[FARM_WEB].passive_fall = 2;
	farm.spec.pools[FARM_WEB].passive_retry_ms = 2000;
	reconfigure(&farm);
	client = steady(&farm);
	world_run(world, SEC, NULL, NULL);
	entry = box_health_entry(farm.box, first_member);
	http_server_listen(farm.web[0], false);
	http_server_manners(farm.web[0])->close_after = 1;
	EXPECT(world, world_run(world, SEC, is_down, (void *)(uintptr_t)entry), "not taken out");
	http_server_manners(farm.web[0])->close_after = 0;
	http_server_listen(farm.web[0], true);
	less = farm.spec;
	less.number++;
	less.pools[FARM_WEB].members--;
	less.member_count--;
	memmove(&less.members[0], &farm.spec.members[1],
		less.member_count * sizeof less.members[0]);
	box_configure(farm.box, &less);
	world_run(world, SEC, NULL, NULL);
	EXPECT(world, entry->used != HEALTH_USE_CLAIMED, "it is still remembered");
	farm.spec.number++;
	reconfigure(&farm);
	world_stall(&farm.box->node, 1500 * MS); /* as if the timer were due in this very turn */
	world_run(world, 3 * SEC, NULL, NULL);
	entry = box_health_entry(farm.box, first_member);
	EXPECT(world, entry->state == HEALTH_UNKNOWN && entry->transitions == 0, "it is not new");
	stop(&farm, client);
	farm_settle(&farm);
}

/* So many answers and probes of server s1 in two seconds. */
static void
count(struct farm *farm, const struct http_client *client, uint64_t *answers, uint64_t *probes)
{
	world_run(farm->world, 500 * MS, NULL, NULL); /* what was under way */
	*answers = answered_by(client, 1);
	*probes = http_server_result(farm->web[0])->probes;
	world_run(farm->world, 2 * SEC, NULL, NULL);
	*answers = answered_by(client, 1) - *answers;
	*probes = http_server_result(farm->web[0])->probes - *probes;
}

void
story_box_admin(struct world *world)
{
	uint32_t first6 = 6; /* the same server in pool web6, over IPv6 */
	struct http_client *client;
	uint64_t answers, probes, at;
	struct farm farm;

	farm_make(&farm, world, &(struct farm_setup){ 0 });
	farm.spec.monitors[0].interval_ms = 250;
	farm.spec.monitors[0].timeout_ms = 250;
	reconfigure(&farm);
	farm_wait_up(&farm);
	client = steady(&farm);
	box_say(farm.box, first6, MEMBER_DISABLED); /* so that only one target has it */
	count(&farm, client, &answers, &probes);
	EXPECT(world, answers > 20 && probes >= 7 && probes <= 9, "%llu answers, %llu probes",
	       (unsigned long long)answers, (unsigned long long)probes);
	box_say(farm.box, first_member, MEMBER_DRAINED);
	count(&farm, client, &answers, &probes);
	EXPECT(world, answers == 0 && probes >= 7, "drained: %llu answers, %llu probes",
	       (unsigned long long)answers, (unsigned long long)probes);
	box_say(farm.box, first_member, MEMBER_DISABLED);
	http_server_listen(farm.web[0], false);
	count(&farm, client, &answers, &probes);
	at = box_health_entry(farm.box, first_member)->probes;
	reconfigure(&farm); /* which changes nothing of it */
	world_run(world, 2 * SEC, NULL, NULL);
	EXPECT(world, answers == 0 && box_health_entry(farm.box, first_member)->probes == at,
	       "disabled: %llu answers, %llu probes", (unsigned long long)answers,
	       (unsigned long long)(box_health_entry(farm.box, first_member)->probes - at));
	EXPECT(world, box_health(farm.box, first_member) == HEALTH_UP, "its state has changed");
	box_say(farm.box, first_member, MEMBER_FORCED_DOWN);
	http_server_listen(farm.web[0], true);
	count(&farm, client, &answers, &probes);
	EXPECT(world, answers == 0 && probes >= 7, "forced down: %llu answers, %llu probes",
	       (unsigned long long)answers, (unsigned long long)probes);
	box_say(farm.box, first_member, MEMBER_FORCED_UP);
	http_server_manners(farm.web[0])->probes_fail = true;
	world_run(world, SEC, NULL, NULL);
	count(&farm, client, &answers, &probes);
	EXPECT(world,
	       answers > 20 && probes >= 7 && box_health(farm.box, first_member) == HEALTH_DOWN,
	       "forced up: %llu answers, %llu probes", (unsigned long long)answers,
	       (unsigned long long)probes);
	box_say(farm.box, first_member, MEMBER_ENABLED);
	count(&farm, client, &answers, &probes);
	EXPECT(world, answers == 0, "enabled, but down: %llu answers", (unsigned long long)answers);
	stop(&farm, client);
	farm_settle(&farm);
}

/* ---- commits drawn at random ---- */

#define MONITORS 4u
#define BAD_MAX  8u /* the builder knows GEN_ITEMS_MAX members in all */

struct watch {
	struct farm farm;
	struct {
		const char *address;
		uint16_t port;
	} good[6], bad[BAD_MAX];
	uint32_t good_count, bad_count;
	char names[MONITORS][8];
};

static uint32_t
slot_of(struct health_table *scratch, const char *address, uint16_t port, uint64_t hash)
{
	struct health_entry *entry;
	struct addr addr;
	uint32_t slot;

	ASSERT(addr_parse(address, &addr));
	entry = health_claim(scratch, &addr, port, hash);
	slot = (uint32_t)(entry - scratch->entry);
	health_release(scratch, entry);
	return slot;
}

/* Endpoints where nobody listens whose health entries are where those of good ones are: the same memory for both. */
static void
find_doubles(struct watch *watch, struct generation *gen)
{
	struct health_table *scratch = calloc(1, sizeof *scratch);

	ASSERT(scratch);
	for (uint32_t s = 0; s < 3; s++) {
		const char *address = watch->farm.spec.members[s].address;

		for (uint32_t m = 0; m < MONITORS; m++) {
			uint64_t hash = generation_monitors(gen)[m].hash;
			uint32_t slot = slot_of(scratch, address, 80, hash);
			uint32_t port = 1;

			while (port < 60000 &&
			       (port == 80 || port == 9000 ||
				slot_of(scratch, address, (uint16_t)port, hash) != slot))
				port++;
			if (port < 60000 && watch->bad_count < BAD_MAX) {
				watch->bad[watch->bad_count].address = address;
				watch->bad[watch->bad_count++].port = (uint16_t)port;
			}
		}
		watch->good[watch->good_count].address = address;
		watch->good[watch->good_count++].port = 80;
		watch->good[watch->good_count].address = address;
		watch->good[watch->good_count++].port = 9000;
	}
	free(scratch);
}

/* Each pool a monitor in some rhythm, or none, and some of the endpoints; a pool has no endpoint twice. */
static void
draw(struct watch *watch, struct rng *rng)
{
	struct gen_spec *spec = &watch->farm.spec;

	spec->number++;
	spec->member_count = 0;
	for (uint32_t m = 0; m < MONITORS; m++) {
		spec->monitors[m].interval_ms = 30 + rng_below(rng, 60);
		spec->monitors[m].timeout_ms = spec->monitors[m].interval_ms;
		if (rng_below(rng, 8) == 0)
			spec->monitors[m].interval_ms = 3600000;
		spec->monitors[m].jitter_percent = rng_below(rng, 51);
	}
	for (uint32_t pool = 0; pool < spec->pool_count; pool++) {
		uint32_t first = spec->member_count;

		spec->pools[pool].monitor =
		    rng_below(rng, 10) ? rng_below(rng, MONITORS) : GENERATION_NONE;
		spec->pools[pool].passive_fall = rng_below(rng, 3);
		spec->pools[pool].passive_retry_ms = 1 + rng_below(rng, 200);
		for (uint32_t i = 0; i < watch->good_count + watch->bad_count; i++) {
			bool good = i < watch->good_count;
			uint32_t at = good ? i : i - watch->good_count;

			if (rng_below(rng, good ? 2 : 3) || spec->member_count - first == 10)
				continue;
			spec->members[spec->member_count].address =
			    good ? watch->good[at].address : watch->bad[at].address;
			spec->members[spec->member_count++].port =
			    good ? watch->good[at].port : watch->bad[at].port;
		}
		if (spec->member_count == first) {
			spec->members[spec->member_count].address = watch->good[0].address;
			spec->members[spec->member_count++].port = watch->good[0].port;
		}
		spec->pools[pool].members = spec->member_count - first;
	}
}

/* No entry says of an endpoint what another one's probes have found out. */
static void
check_entries(struct watch *watch)
{
	const struct health_table *table = watch->farm.box->health;

	for (uint32_t i = 0; i < HEALTH_ENTRIES; i++) {
		const struct health_entry *entry = &table->entry[i];
		bool good = entry->port == 80 || entry->port == 9000;

		if (entry->used != HEALTH_USE_CLAIMED)
			continue;
		EXPECT(watch->farm.world, entry->state != (good ? HEALTH_DOWN : HEALTH_UP),
		       "entry %u, port %u, is %s: %s", i, entry->port,
		       health_state_text((enum health_state)entry->state),
		       health_cause_text((enum health_cause)entry->cause));
	}
}

void
story_box_commits_random(struct world *world)
{
	struct watch *watch = calloc(1, sizeof *watch);
	struct gen_spec first;
	struct generation *gen;
	struct rng rng;
	size_t bytes;

	ASSERT(watch);
	rng_init(&rng, world_seed(world));
	farm_make(&watch->farm, world,
		  &(struct farm_setup){ .server_cable = { .delay_us = 10000 } });
	first = watch->farm.spec;
	for (uint32_t m = 0; m < MONITORS; m++) {
		memcpy(watch->names[m], "m0", 3);
		watch->names[m][1] += (char)m;
		watch->farm.spec.monitors[m].name = watch->names[m];
		watch->farm.spec.monitors[m].type = GEN_MONITOR_TCP;
		watch->farm.spec.monitors[m].interval_ms = 100;
		watch->farm.spec.monitors[m].timeout_ms = 100;
		watch->farm.spec.monitors[m].fall = watch->farm.spec.monitors[m].rise = 1;
	}
	watch->farm.spec.monitor_count = MONITORS;
	gen = gen_build(&watch->farm.spec, &bytes);
	find_doubles(watch, gen);
	free(gen);
	EXPECT(world, watch->bad_count >= 6, "%u doubles", watch->bad_count);
	for (unsigned i = 0; i < 400; i++) {
		draw(watch, &rng);
		box_configure(watch->farm.box, &watch->farm.spec);
		world_run(world, (1 + rng_below(&rng, 15)) * MS, NULL, NULL);
		check_entries(watch);
	}
	/* in peace everything is found out */
	watch->farm.spec.number++;
	for (uint32_t m = 0; m < MONITORS; m++)
		watch->farm.spec.monitors[m].interval_ms = 100;
	for (uint32_t pool = 0; pool < watch->farm.spec.pool_count; pool++)
		watch->farm.spec.pools[pool].monitor = pool % MONITORS;
	box_configure(watch->farm.box, &watch->farm.spec);
	world_run(world, 2 * SEC, NULL, NULL);
	check_entries(watch);
	for (uint32_t m = 0; m < watch->farm.spec.member_count; m++)
		EXPECT(world, box_health(watch->farm.box, m) != HEALTH_UNKNOWN,
		       "member %u was never probed", m);
	first.number = watch->farm.spec.number + 1;
	watch->farm.spec = first;
	farm_settle(&watch->farm);
	free(watch);
}
