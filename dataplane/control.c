/*
 * The control thread. It may call the kernel and allocate; the workers may not, so it does both for
 * them: before they start, and then between the lines (a view is made here and adopted there by one
 * pointer).
 *
 *   start      ports, shared files, buffers, workers
 *   run        mailbox requests; each tick: link states, stats header, views that nobody uses any more
 *   adopting   map config/N -> generation_check -> config_view_make -> offer to workers -> reply once all have adopted
 *
 * What requests are answered is in control_mailbox.c.
 */
#include "dataplane/control.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include <rte_launch.h>
#include <rte_lcore.h>
#include <rte_malloc.h>
#include <rte_mbuf.h>

#include "dataplane/control_priv.h"
#include "dataplane/handoff.h"
#include "dataplane/net/packet.h"
#include "dataplane/places.h"
#include "dataplane/worker.h"
#include "drivers/port/port.h"
#include "drivers/port/port_fault.h"
#include "fw/abi/files.h"
#include "fw/abi/generation.h"
#include "fw/abi/health.h"
#include "fw/abi/ledger.h"
#include "fw/abi/stats.h"
#include "fw/base/str.h"

#define TICK_MS           100
#define IDLE_TURNS        200u /* empty turns before a worker sleeps */
#define IDLE_SLEEP_MIN_US 50u
#define MBUF_CACHE        256u
#define TAP_RING_BYTES    (2u << 20) /* of each kind, a worker: more than 1,000 full frames */

static enum err map_files(struct control *c);
static bool create_handoff(struct control *c);
static enum err create_workers(struct control *c);
static void load_current(struct control *c);
static void load_previous(struct control *c, uint64_t before);
static void list_generations(struct control *c);
static void tick(struct control *c);
static void refresh_clock(struct control *c);
static uint64_t unix_offset_us(void);
static void refresh_ports(struct control *c);
static void refresh_port_losses(struct control *c);
static void refresh_drops(struct control *c);
static void refresh_loads(struct control *c);
static void reclaim_views(struct control *c);
static void reclaim_health(struct control *c);
static int worker_main(void *argument);
static void adopt_timed(struct worker *worker);

/* ---- start ---- */

enum err
control_create(const struct control_options *options, struct control **out)
{
	struct control *c = calloc(1, sizeof *c);
	char path[FILES_PATH_MAX];
	uint16_t mtu_bytes;
	enum err err;

	if (!c)
		return ERR_no_memory;
	c->options = *options;
	c->handler = (struct mailbox_handler){ .line = control_line,
					       .answer = control_answer,
					       .context = c };
	if (!control_ports_mtu(options, &mtu_bytes)) {
		control_destroy(c);
		return ERR_invalid;
	}
	c->mbufs = rte_pktmbuf_pool_create("packets", options->mbufs, MBUF_CACHE,
					   RTE_ALIGN(PACKET_PRIVATE_BYTES, RTE_MBUF_PRIV_ALIGN),
					   port_buffer_bytes(mtu_bytes), SOCKET_ID_ANY);
	if (!c->mbufs)
		control_complain(
		    c,
		    "no memory for %u packet buffers of %u bytes; give more with --mem-mb or "
		    "huge pages, or take fewer with --mbufs",
		    options->mbufs, port_buffer_bytes(mtu_bytes));
	err = c->mbufs ? control_ports_open(c) : ERR_no_memory;
	if (!err)
		err = map_files(c);
	if (!err)
		err = punt_create(options->workers, &c->punt);
	if (!err)
		err = create_workers(c);
	if (!err && !files_path(path, options->run_dir, FILES_DATAPLANE_SOCKET))
		err = ERR_too_long;
	if (!err) {
		err = mailbox_open(path, &c->handler, &c->mailbox);
		if (err)
			control_complain(c, "can't listen at %s: %s", path, strerror(errno));
	}
	control_write_status(c, "");
	if (err) {
		control_destroy(c);
		return err;
	}
	*out = c;
	return ERR_ok;
}

/*
 * Stats start from zero; what monitors found out is kept from the last run, if it is in our layout.
 */
static enum err
map_files(struct control *c)
{
	char path[FILES_PATH_MAX];
	bool existed, was_there;
	enum err err = ERR_too_long;

	if (files_path(path, c->options.run_dir, FILES_STATS))
		err = files_map_write(path, sizeof *c->stats, &c->stats_file, &existed);
	if (err)
		goto failed;
	c->stats = c->stats_file.base;
	c->stats->magic = 0; /* readers wait */
	memset(c->stats, 0, sizeof *c->stats);
	c->stats->layout_hash = stats_layout_hash();
	c->stats->started_unix_s = control_clock_us(CLOCK_REALTIME) / 1000000;
	c->stats->incarnation = control_clock_us(CLOCK_REALTIME);
	c->stats->pid = (uint32_t)getpid();
	c->stats->workers = c->options.workers;

	if (!files_path(path, c->options.run_dir, FILES_HEALTH)) {
		err = ERR_too_long;
		goto failed;
	}
	was_there = access(path, F_OK) == 0;
	err = files_map_write(path, sizeof *c->health, &c->health_file, &existed);
	if (err)
		goto failed;
	c->health = c->health_file.base;
	if (!existed || c->health->magic != HEALTH_MAGIC ||
	    c->health->layout_hash != health_layout_hash()) {
		if (was_there)
			fprintf(
			    stderr,
			    "fairlead-dataplane: %s is of another build: all health is unknown, "
			    "all members are enabled, the ledger is empty\n",
			    path);
		memset(c->health, 0, sizeof *c->health);
	}
	c->health->magic = HEALTH_MAGIC;
	c->health->layout_hash = health_layout_hash();
	c->health->incarnation = c->stats->incarnation;
	c->stats->started_us = c->stats->now_us = control_clock_us(CLOCK_MONOTONIC);
	__atomic_store_n(&c->stats->magic, STATS_MAGIC, __ATOMIC_RELEASE);
	return ERR_ok;
failed:
	fprintf(stderr, "fairlead-dataplane: can't make the shared files in %s: %s: %s\n",
		c->options.run_dir, err_text(err), strerror(errno));
	return err;
}

static bool
create_handoff(struct control *c)
{
	uint32_t workers = c->options.workers;
	void *memory;

	if (workers == 1)
		return true;
	memory = rte_zmalloc("handoff", handoff_memory_bytes(workers), RTE_CACHE_LINE_SIZE);
	if (memory)
		c->handoff = handoff_init(memory, workers);
	else
		control_complain(
		    c,
		    "no memory for the rings between %u workers; give more with --mem-mb or huge "
		    "pages",
		    workers);
	return memory != NULL;
}

static enum err
create_workers(struct control *c)
{
	struct worker_setup setup = {
		.workers = c->options.workers,
		.sessions = c->options.sessions,
		.tap_bytes = TAP_RING_BYTES,
		.tcp = tcp_settings_default,
		.mbufs = c->mbufs,
		.ports = c->ports,
		.port_count = c->port_count,
		.stats = c->stats,
		.health = c->health,
		.unix_offset_us = unix_offset_us(),
	};

	if (!create_handoff(c))
		return ERR_no_memory;
	setup.handoff = c->handoff;
	c->places = rte_zmalloc("places", sizeof *c->places, RTE_CACHE_LINE_SIZE);
	if (!c->places)
		return ERR_no_memory;
	setup.places = c->places;
	setup.tcp.conns = c->options.conns;
	c->neighbours = rte_malloc("neighbours", neighbour_table_bytes(), RTE_CACHE_LINE_SIZE);
	if (!c->neighbours)
		return ERR_no_memory;
	setup.neighbours = c->neighbours;
	if (getrandom(&setup.key, sizeof setup.key, 0) != sizeof setup.key ||
	    getrandom(&setup.seed, sizeof setup.seed, 0) != sizeof setup.seed)
		return ERR_io;
	neighbour_table_init(c->neighbours, setup.seed);
	for (setup.index = 0; setup.index < c->options.workers; setup.index++) {
		setup.seed++;
		setup.to_kernel = punt_to_kernel(c->punt, setup.index);
		setup.from_kernel = setup.index == 0 ? punt_from_kernel(c->punt) : NULL;
		c->workers[setup.index] = worker_create(&setup, control_clock_us(CLOCK_MONOTONIC));
		if (!c->workers[setup.index]) {
			control_complain(
			    c,
			    "no memory for worker %u with %u connections; give more with "
			    "--mem-mb or huge pages",
			    setup.index, c->options.conns);
			return ERR_no_memory;
		}
		c->launch[setup.index] =
		    (struct launch){ c->workers[setup.index], &c->stop_workers, c->options.spin,
				     c->options.idle_sleep_us };
		c->worker_count++;
	}
	return ERR_ok;
}

/* ---- run ---- */

void
control_run(struct control *c, const volatile bool *stop)
{
	uint64_t tick_due_us = 0;

	load_current(c);
	c->running = true;
	control_workers_start(c);
	while (!*stop) {
		uint64_t now_us = control_clock_us(CLOCK_MONOTONIC);

		if (now_us >= tick_due_us) {
			tick(c);
			tick_due_us = now_us + TICK_MS * 1000;
		}
		mailbox_poll(c->mailbox, TICK_MS);
	}
}

void
control_workers_start(struct control *c)
{
	uint32_t lcore, next = 0;

	if (!c->running)
		return;
	c->stop_workers = false;
	RTE_LCORE_FOREACH_WORKER(lcore)
	if (next < c->worker_count)
		ASSERT(rte_eal_remote_launch(worker_main, &c->launch[next++], lcore) == 0);
	ASSERT(next == c->worker_count);
}

void
control_workers_stop(struct control *c)
{
	c->stop_workers = true;
	if (c->running)
		rte_eal_mp_wait_lcore();
}

/*
 * A worker's life. In the lab cores are shared with everything else, so an idle worker sleeps,
 * longer and longer, until the first packet. A test that preloads a trap for libc allocations is
 * told here that from now on this thread must not allocate.
 */
static int
worker_main(void *argument)
{
	const struct launch *launch = argument;
	void (*forbid_allocation)(void) =
	    (void (*)(void))dlsym(RTLD_DEFAULT, "forbid_allocation_in_this_thread");
	uint32_t first_us = RTE_MIN(IDLE_SLEEP_MIN_US, launch->idle_sleep_us);
	uint32_t idle_turns = 0, sleep_us = first_us;

	if (forbid_allocation)
		forbid_allocation();
	while (!*launch->stop) {
		bool moved = worker_is_adopting(launch->worker);

		if (moved)
			adopt_timed(launch->worker);
		moved |= worker_turn(launch->worker, control_clock_us(CLOCK_MONOTONIC));
		if (moved) {
			idle_turns = 0;
			sleep_us = first_us;
		} else if (++idle_turns > IDLE_TURNS && !launch->spin &&
			   !worker_is_given(launch->worker)) {
			usleep(sleep_us);
			sleep_us = RTE_MIN(sleep_us * 2, launch->idle_sleep_us);
		}
	}
	return 0;
}

/*
 * The thread's processor time: where cores are shared with others, as in the lab, wall clock would
 * tell of them. Its clock is a system call, made around these rare steps only.
 */
static void
adopt_timed(struct worker *worker)
{
	uint64_t before_ns = control_clock_ns(CLOCK_THREAD_CPUTIME_ID);

	worker_adopt(worker, control_clock_us(CLOCK_MONOTONIC));
	worker_note_adoption(worker,
			     (control_clock_ns(CLOCK_THREAD_CPUTIME_ID) - before_ns + 999) / 1000);
}

/* Wall clocks are set: at boot, when the time servers have been heard. */
static void
refresh_clock(struct control *c)
{
	for (uint32_t w = 0; w < c->worker_count; w++)
		worker_set_unix_offset(c->workers[w], unix_offset_us());
}

static uint64_t
unix_offset_us(void)
{
	return control_clock_us(CLOCK_REALTIME) - control_clock_us(CLOCK_MONOTONIC);
}

static void
tick(struct control *c)
{
	c->stats->now_us = control_clock_us(CLOCK_MONOTONIC);
	refresh_clock(c);
	refresh_ports(c);
	control_note_duplicates(c);
	refresh_port_losses(c);
	refresh_drops(c);
	refresh_loads(c);
	reclaim_views(c);
	reclaim_health(c);
	control_tap_tick(c);
	control_note_generation(c);
}

static void
refresh_ports(struct control *c)
{
	for (uint32_t i = 0; i < c->port_count; i++) {
		struct stats_port *row = &c->stats->ports[i];
		struct port_info info;
		bool was_up = row->link_up;

		if (!c->ports[i])
			continue;
		port_info(c->ports[i], &info);
		memcpy(row->name, info.name, sizeof row->name);
		memcpy(row->driver, info.driver, sizeof row->driver);
		memcpy(row->mac, info.mac, sizeof row->mac);
		row->mtu_bytes = info.mtu_bytes;
		row->speed_mbps = info.speed_mbps;
		row->errors = info.missed + info.errors;
		port_offloads_text(info.offloads, row->offloads);
		row->link_up = info.link_up;
		if (was_up == info.link_up && c->takeovers[i] == info.takeovers)
			continue;
		if (was_up != info.link_up) {
			row->link_changes++;
			fprintf(stderr, "fairlead-dataplane: port %s: link %s\n", row->name,
				info.link_up ? "up" : "down");
		} else {
			fprintf(stderr, "fairlead-dataplane: port %s: another member took over\n",
				row->name);
		}
		c->takeovers[i] = info.takeovers;
		if (!c->worker_count || !info.link_up)
			continue;
		if (was_up)
			worker_announce(c->workers[0], i);
		else
			worker_link_up(c->workers[0], i);
	}
	for (uint32_t i = 0; i < c->port_count; i++)
		control_note_bond(c, i);
}

/* What devices, the kernel and fault wrappers lost is a drop like others; no worker writes these cells. */
static void
refresh_port_losses(struct control *c)
{
	uint64_t *drops = c->stats->worker[0].drop;
	uint64_t errors = c->lost_before.errors, lost = c->lost_before.lost,
		 queue_full = c->lost_before.queue_full;

	for (uint32_t i = 0; i < c->port_count; i++) {
		struct port_fault_stats faults;
		struct port_info info;

		if (!c->ports[i])
			continue;
		port_info(c->ports[i], &info);
		errors += info.missed + info.errors;
		port_fault_stats(c->ports[i], &faults);
		lost += faults.rx.lost + faults.tx.lost;
		queue_full += faults.rx.queue_full + faults.tx.queue_full;
	}
	drops[DROP_port_error] = errors;
	drops[DROP_punt_lost] = punt_lost(c->punt);
	drops[DROP_fault_loss] = lost;
	drops[DROP_fault_queue_full] = queue_full;
}

/* Counts have no time; what has grown since the last tick was dropped just now. */
static void
refresh_drops(struct control *c)
{
	uint64_t now_us = control_clock_us(CLOCK_MONOTONIC);
	bool second_over = now_us - c->drops_second_us >= 1000000;
	uint64_t took_us = now_us - c->drops_second_us;

	for (enum drop_reason reason = DROP_none + 1; reason < DROP_COUNT; reason++) {
		struct stats_drop *row = &c->stats->drops[reason];
		uint64_t count = stats_drop(c->stats, reason);

		if (count != c->drops[reason])
			row->last_unix_us = control_clock_us(CLOCK_REALTIME);
		c->drops[reason] = count;
		if (!second_over)
			continue;
		row->per_second = (count - c->drops_before[reason]) * 1000000 / took_us;
		c->drops_before[reason] = count;
	}
	if (second_over)
		c->drops_second_us = now_us;
}

static void
refresh_loads(struct control *c)
{
	uint64_t now_us = control_clock_us(CLOCK_MONOTONIC), took_us = now_us - c->loads_second_us;

	if (took_us < 1000000)
		return;
	for (uint32_t w = 0; w < c->worker_count; w++) {
		uint64_t busy_us = c->stats->worker[w].counter[COUNTER_turns_busy_us];

		if (c->loads_second_us)
			c->stats->load[w] =
			    (struct stats_load){ busy_us - c->busy_before_us[w], took_us };
		c->busy_before_us[w] = busy_us;
	}
	c->loads_second_us = now_us;
}

/* ---- adopting ---- */

static void
load_current(struct control *c)
{
	char path[FILES_PATH_MAX], target[32], why[WHY_BYTES] = "not a number";
	ssize_t len;
	uint64_t number;

	if (!files_path(path, c->options.run_dir, FILES_CONFIG_CURRENT))
		return;
	len = readlink(path, target, sizeof target - 1);
	if (len <= 0)
		return; /* no configuration yet: mgmt will bring one */
	target[len] = '\0';
	if (!str_to_u64(str_from(target), UINT64_MAX / 2, &number))
		number = UINT64_MAX;
	else if (control_adopt(c, number, why) == ERR_ok)
		return;
	fprintf(stderr, "fairlead-dataplane: the current generation (%s) can't be used: %s\n",
		target, why);
	load_previous(c, number);
	control_write_status(c, why);
}

/* The highest number below; 0: there is none. */
static uint64_t
number_below(const struct control *c, uint64_t before)
{
	char path[FILES_PATH_MAX];
	uint64_t highest = 0, number;
	struct dirent *entry;
	DIR *dir = files_path(path, c->options.run_dir, FILES_CONFIG_DIR) ? opendir(path) : NULL;

	while (dir && (entry = readdir(dir)))
		if (str_to_u64(str_from(entry->d_name), UINT64_MAX / 2, &number) &&
		    number < before && number > highest)
			highest = number;
	if (dir)
		closedir(dir);
	return highest;
}

/* The newest one that is whole. It runs until another one is published; current stays as it is. */
static void
load_previous(struct control *c, uint64_t before)
{
	char why[WHY_BYTES];
	uint64_t number;

	for (number = number_below(c, before); number; number = number_below(c, number)) {
		if (control_adopt(c, number, why) == ERR_ok) {
			fprintf(stderr,
				"fairlead-dataplane: generation %" PRIu64
				" runs in its place until another is published\n",
				number);
			return;
		}
		fprintf(stderr, "fairlead-dataplane: not this one either: %s\n", why);
	}
	fprintf(stderr, "fairlead-dataplane: serving nothing until a generation is published\n");
}

static uint64_t
sessions_holding(const struct control *c, const struct config_view *view)
{
	uint64_t sum = 0;

	for (uint32_t w = 0; w < c->worker_count; w++)
		sum += __atomic_load_n(&view->refs[w].sessions, __ATOMIC_ACQUIRE);
	return sum;
}

enum err
control_adopt(struct control *c, uint64_t number, char why[WHY_BYTES])
{
	const struct view_devices devices = { .ports = c->ports, .count = c->port_count };
	char path[FILES_PATH_MAX], name[64];
	struct live_view *live = &c->live[c->live_count];
	struct device_change change;
	const char *where = "";
	enum err err = ERR_too_long;

	if (c->live_count == LIMIT_GENERATIONS_LIVE) {
		snprintf(why, WHY_BYTES,
			 "%u generations are still in use; %" PRIu64
			 " sessions hold the oldest, %" PRIu64,
			 LIMIT_GENERATIONS_LIVE, sessions_holding(c, c->live[0].view),
			 c->live[0].view->gen->number);
		return ERR_busy;
	}
	snprintf(name, sizeof name, FILES_CONFIG_DIR "/%" PRIu64, number);
	if (files_path(path, c->options.run_dir, name))
		err = files_map_read(path, &live->file);
	if (err) {
		snprintf(why, WHY_BYTES, "%s/%s: %s", c->options.run_dir, name, err_text(err));
		return err;
	}
	err = generation_check(live->file.base, live->file.size_bytes, &where);
	if (!err && ((const struct generation *)live->file.base)->number != number) {
		err = ERR_corrupt;
		where = "number is not the file's name";
	}
	if (err)
		snprintf(why, WHY_BYTES, "generation %" PRIu64 ": %s (%s)", number, err_text(err),
			 where);
	else
		err = control_devices_fit(c, live->file.base, &change, why);
	if (err) {
		files_unmap(&live->file);
		return err;
	}
	err = config_view_make(live->file.base, live->file.size_bytes, &devices, c->stats,
			       c->health, &live->view, why, WHY_BYTES);
	c->health_claimed = true;
	if (!err) {
		err = punt_prepare(c->punt, &live->view->net, why, WHY_BYTES);
		if (err)
			config_view_free(live->view);
	}
	if (err) {
		control_devices_undo(c, &change);
		files_unmap(&live->file);
		return err;
	}
	live->adopted_unix_us = 0;
	c->live_count++;
	for (uint32_t w = 0; w < c->worker_count; w++)
		worker_offer_view(c->workers[w], live->view);
	control_devices_done(c, &change);
	punt_adopt(c->punt, &live->view->net);
	control_write_status(c, "");
	return ERR_ok;
}

bool
control_all_adopted(const struct control *c)
{
	for (uint32_t w = 0; w < c->worker_count; w++)
		if (worker_view(c->workers[w]) != c->live[c->live_count - 1].view)
			return false;
	return true;
}

void
control_note_generation(struct control *c)
{
	if (c->live_count && control_all_adopted(c)) {
		struct live_view *newest = &c->live[c->live_count - 1];

		if (!newest->adopted_unix_us)
			newest->adopted_unix_us = control_clock_us(CLOCK_REALTIME);
		c->stats->generation = newest->view->gen->number;
	}
	list_generations(c);
}

/* A reader may meet a list that is being moved up; who asks again sees the truth. */
static void
list_generations(struct control *c)
{
	for (uint32_t i = 0; i < LIMIT_GENERATIONS_LIVE; i++) {
		const struct live_view *live = &c->live[i];
		struct stats_generation row = { 0 };

		if (i < c->live_count)
			row = (struct stats_generation){
				.number = live->view->gen->number,
				.created_unix_s = live->view->gen->created_unix_s,
				.adopted_unix_us = live->adopted_unix_us,
				.sessions = sessions_holding(c, live->view),
			};
		c->stats->live[i] = row;
	}
}

/* Views older than the current one, once every worker has moved on and no session holds them. */
static void
reclaim_views(struct control *c)
{
	uint32_t kept = 0;

	if (c->live_count < 2 || !control_all_adopted(c))
		return;
	for (uint32_t i = 0; i < c->live_count; i++) {
		struct live_view live = c->live[i];

		if (i + 1 < c->live_count && sessions_holding(c, live.view) == 0) {
			config_view_free(live.view);
			files_unmap(&live.file);
		} else {
			c->live[kept++] = live;
		}
	}
	c->live_count = kept;
}

/*
 * What no generation watches any more; otherwise every member that was ever configured would stay
 * in the table until it is full.
 */
static void
reclaim_health(struct control *c)
{
	if (!c->health_claimed || c->live_count != 1 || !control_all_adopted(c))
		return;
	config_view_release_health(c->live[0].view, c->health);
	c->health_claimed = false;
}

/* ---- end ---- */

void
control_destroy(struct control *c)
{
	control_workers_stop(c);
	if (c->mailbox)
		mailbox_close(c->mailbox);
	for (uint32_t w = 0; w < c->worker_count; w++)
		worker_destroy(c->workers[w]);
	if (c->handoff)
		handoff_fini(c->handoff);
	rte_free(c->handoff);
	if (c->punt)
		punt_destroy(c->punt);
	rte_free(c->neighbours);
	rte_free(c->places);
	for (uint32_t i = 0; i < c->live_count; i++) {
		config_view_free(c->live[i].view);
		files_unmap(&c->live[i].file);
	}
	for (uint32_t i = 0; i < c->port_count; i++)
		if (c->ports[i])
			port_close(c->ports[i]);
	files_unmap(&c->stats_file);
	files_unmap(&c->health_file);
	free(c);
}
