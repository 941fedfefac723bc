/*
 * Generations (fw/abi/generation.h), as another process may leave them in shared memory. An input is one of a few good
 * generations, compiled here and now so that it follows the layout, and changes to it: to a field of an element, a
 * string, the head, the length. The sums are made right again afterwards unless the input says otherwise.
 *
 * What the check accepts is walked in full: every array, name and index, by the readers of both planes.
 */
#include <stdlib.h>
#include <string.h>

#include "dataplane/config_view.h"
#include "dataplane/lb/lb.h"
#include "mgmt/push/compile.h"
#include "test/fuzz/fuzz.h"

#define BASES      4u
#define ROOM_BYTES 4096u /* a generation may get so much longer */
#define PORTS      4u
#define PICKS      5u /* of each pool */

/* The arrays that the head names, in file order; all that follows the sums. */
#define ARRAYS_AT   offsetof(struct generation, ports)
#define ARRAY_COUNT ((sizeof(struct generation) - ARRAYS_AT) / sizeof(struct gen_array))

enum { KEEP_SUMS = 1 << 2, KEEP_HASHES = 1 << 3, KEEP_TOTAL = 1 << 4 };
enum edit_kind {
	EDIT_FIELD,
	EDIT_COPY,
	EDIT_STRING,
	EDIT_ARRAY,
	EDIT_HEAD,
	EDIT_TOTAL,
	EDIT_KINDS
};

static const char *const texts[BASES] = {
	"version = 1;"
	"ports = ( { name = \"p0\"; addresses = [ \"10.0.0.1/24\", \"fd00::1/64\" ]; },"
	" { name = \"p1\"; addresses = [ \"10.0.1.1/24\", \"fd00:1::1/64\" ]; } );"
	"routes = ( { to = \"0.0.0.0/0\"; via = \"10.0.0.2\"; }, { to = \"::/0\"; via = "
	"\"fd00::2\"; },"
	" { to = \"10.8.0.0/16\"; via = \"10.0.1.2\"; } );"
	"monitors = ( { name = \"web-up\"; type = \"http\"; path = \"/up\"; host = \"a.example\";"
	" headers = [ \"A: b\", \"C: d\" ]; body = \"ok\"; status = \"200-299,304\"; },"
	" { name = \"tcp-up\"; type = \"tcp\"; interval-ms = 1000; } );"
	"tcp-profiles = ( { name = \"wan\"; receive-buffer-bytes = 9000; congestion-control = "
	"\"newreno\"; ecn = true; }, { name = \"bare\"; } );"
	"pools = ( { name = \"web\"; monitor = \"web-up\"; tcp-profile = \"bare\"; members = ("
	" { address = \"10.0.1.11\"; port = 80; weight = 3; connection-limit = 5; },"
	" { address = \"10.0.1.12\"; port = 80; },"
	" { address = \"fd00:1::13\"; port = 8080; backup = true; } ); },"
	" { name = \"raw\"; method = \"source-hash\"; monitor = \"tcp-up\"; members = ("
	" { address = \"10.0.1.11\"; port = 80; } ); },"
	" { name = \"bare\"; members = ( { address = \"10.0.1.14\"; port = 1; } ); } );"
	"virtual-servers = ("
	" { name = \"www\"; address = \"10.0.0.100\"; port = 80; type = \"http\"; pool = \"web\"; "
	"},"
	" { name = \"six\"; address = \"fd00::100\"; port = 443; type = \"tcp\"; pool = \"raw\";"
	" tcp-profile = \"wan\"; } );",

	"version = 1; ports = ( { name = \"p0\"; addresses = [ \"10.0.0.1/24\" ]; } );"
	"pools = ( { name = \"a\"; members = ( { address = \"10.0.0.3\"; port = 80; } ); } );"
	"virtual-servers = ( { name = \"v\"; address = \"10.0.0.9\"; port = 80; type = \"tcp\";"
	" pool = \"a\"; } );",

	"version = 1; ports = ( { name = \"p1\"; addresses = [ \"fd00::1/64\" ]; } );"
	"pools = ( { name = \"m\"; method = \"maglev\"; members = ("
	" { address = \"fd00::3\"; port = 80; weight = 2; }, { address = \"fd00::4\"; port = 80; } "
	"); },"
	" { name = \"n\"; method = \"random-of-two\"; members = ( { address = \"fd00::5\"; port = "
	"80; } "
	"); } );",

	"version = 1;",
};

static struct generation *bases[BASES];
static struct stats *stats;
static struct health_table *health;
static struct tcp *tcp;
static struct port ports[PORTS];
static struct port *port_list[PORTS];

static bool says_nothing(const struct gen_tcp_profile *profile);
static void port_state(struct port *port, struct port_info *info);
static void edit_elements(struct generation *gen, struct fuzz_input in);
static void edit_head(struct generation *gen, struct fuzz_input in, size_t *size, size_t room);
static void fix_hashes(struct generation *gen);
static void fix_sums(struct generation *gen, size_t size);
static void walk(const struct generation *gen);
static void walk_mgmt(const struct generation *gen);
static void walk_dataplane(const struct generation *gen);
static void walk_profiles(const struct generation *gen, struct config_view *view);
static void walk_picks(const struct generation *gen, const struct config_view *view);

static const struct port_ops port_ops = { .info = port_state };

static void *
zeroed(size_t bytes)
{
	void *pages = aligned_alloc(4096, (bytes + 4095) & ~(size_t)4095);

	ASSERT(pages);
	return memset(pages, 0, bytes);
}

static void
start(void)
{
	static const struct tcp_host host; /* nobody asks anything of it */
	struct tcp_settings settings = tcp_settings_default;

	settings.conns = settings.segments = 1;
	for (unsigned i = 0; i < BASES; i++)
		bases[i] = fuzz_compile(texts[i], NULL, i + 1);
	ASSERT(says_nothing(&generation_tcp_profiles(bases[0])[1]));
	stats = zeroed(sizeof *stats);
	health = zeroed(sizeof *health);
	stats->workers = 1;
	tcp = tcp_init(zeroed(tcp_memory_bytes(&settings)), &settings, &host, NULL,
		       &stats->worker[0], &(const struct siphash_key){ 0 }, 0);
	for (unsigned i = 0; i < PORTS; i++) {
		ports[i] = (struct port){ .ops = &port_ops };
		memcpy(ports[i].name, (char[]){ 'p', (char)('0' + i), '\0' }, 3);
		port_list[i] = &ports[i];
	}
}

/*
 * Whoever has no profile gets what the data plane is made with: it must be what a profile gives that
 * says nothing. Only here do both planes meet.
 */
static bool
says_nothing(const struct gen_tcp_profile *profile)
{
	struct tcp_profile a = profile_settings(profile), b = tcp_settings_default.profile;

	return a.receive_buffer_bytes == b.receive_buffer_bytes &&
	       a.send_buffer_bytes == b.send_buffer_bytes && a.delayed_ack_us == b.delayed_ack_us &&
	       a.syn_retries == b.syn_retries && a.data_retries == b.data_retries &&
	       a.max_segment_bytes == b.max_segment_bytes &&
	       a.user_timeout_ms == b.user_timeout_ms &&
	       a.keep_alive_idle_ms == b.keep_alive_idle_ms &&
	       a.keep_alive_interval_ms == b.keep_alive_interval_ms &&
	       a.keep_alive_probes == b.keep_alive_probes && a.cc == b.cc && a.ecn == b.ecn &&
	       a.nagle == b.nagle && a.pacing == b.pacing && a.fast_open == b.fast_open;
}

static void
port_state(struct port *port, struct port_info *info)
{
	*info = (struct port_info){ .mac = { 2, 0, 0, 0, 0, 1 }, .mtu_bytes = 1500 };
	memcpy(info->name, port->name, sizeof info->name);
}

static void
run(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	unsigned mode = fuzz_u8(&in);
	const struct generation *base = bases[mode % BASES];
	size_t bytes = base->total_bytes, room = bytes + ROOM_BYTES;
	struct generation *gen = calloc(1, room);
	const char *where = NULL;
	void *image;

	ASSERT(gen);
	memcpy(gen, base, bytes);
	edit_elements(gen, in);
	if (!(mode & KEEP_HASHES))
		fix_hashes(gen);
	edit_head(gen, in, &bytes, room);
	if (!(mode & KEEP_TOTAL))
		gen->total_bytes = bytes;
	if (!(mode & KEEP_SUMS))
		fix_sums(gen, bytes);

	image = fuzz_copy(gen, bytes);
	free(gen);
	switch (generation_check(image, bytes, &where)) {
	case ERR_ok:
		walk(image);
		break;
	case ERR_version:
	case ERR_corrupt:
		ASSERT(where && *where);
		break;
	default:
		ASSERT(!"the check answers something else");
	}
	free(image);
}

/* ---- making one ---- */

static struct gen_array *
array_of(struct generation *gen, unsigned index)
{
	return &((struct gen_array *)((uint8_t *)gen + ARRAYS_AT))[index];
}

/* The array's bytes; what lies up to the next one counts as its own. */
static uint8_t *
elements_of(struct generation *gen, unsigned index, uint32_t *element_bytes, uint32_t *count)
{
	const struct gen_array *array = array_of(gen, index);
	uint64_t end = index + 1 < ARRAY_COUNT ? array[1].offset : gen->total_bytes;

	*count = array->count;
	*element_bytes = array->count ? (uint32_t)(end - array->offset) / array->count : 0;
	return (uint8_t *)gen + array->offset;
}

static const uint32_t values[] = {
	0,    1,    2,     3,     5,          7,          64,         80,
	128,  129,  255,   256,   599,        600,        1000,       1001,
	1280, 1500, 65535, 65536, 0xffff0000, 0x7fffffff, UINT32_MAX, 86400001,
};

static void
write_value(uint8_t *at, uint32_t room, struct fuzz_input *in)
{
	unsigned how = fuzz_u8(in);
	uint32_t value = how & 0x80 ? fuzz_u32(in) : values[fuzz_below(in, ARRAY_SIZE(values))];
	uint32_t width = how & 1 ? 4 : how & 2 ? 1 : how & 4 ? 2 : 4, old = 0;

	if (width > room)
		width = room;
	memcpy(&old, at, width);
	if (how & 0x40)
		value += old;
	memcpy(at, &value, width);
}

static enum edit_kind
next_edit(struct fuzz_input *in)
{
	return (enum edit_kind)fuzz_below(in, EDIT_KINDS);
}

/* An edit is five bytes at least, so the two walks over them agree on where each begins. */
static struct fuzz_input
edit_arguments(struct fuzz_input *in)
{
	struct fuzz_input arguments = { NULL, 0 };
	size_t got;

	arguments.at = fuzz_take(in, 8, &got);
	arguments.left = got;
	return arguments;
}

static void
edit_elements(struct generation *gen, struct fuzz_input in)
{
	while (in.left) {
		enum edit_kind kind = next_edit(&in);
		struct fuzz_input arguments = edit_arguments(&in);
		unsigned index = fuzz_below(&arguments, ARRAY_COUNT);
		uint32_t element_bytes, count, which, at;
		uint8_t *elements = elements_of(gen, index, &element_bytes, &count);

		if (!count || kind > EDIT_STRING)
			continue;
		which = fuzz_below(&arguments, count < 256 ? count : 256);
		if (kind == EDIT_FIELD) {
			at = fuzz_below(&arguments, element_bytes < 256 ? element_bytes : 256);
			at &= ~3u;
			write_value(elements + which * element_bytes + at, element_bytes - at,
				    &arguments);
		} else if (kind == EDIT_COPY) {
			at = fuzz_below(&arguments, count < 256 ? count : 256);
			memmove(elements + which * element_bytes, elements + at * element_bytes,
				element_bytes);
		} else if (gen->strings.count) {
			at = fuzz_u16(&arguments) % gen->strings.count;
			((uint8_t *)gen)[gen->strings.offset + at] = fuzz_u8(&arguments);
		}
	}
}

static void
edit_head(struct generation *gen, struct fuzz_input in, size_t *size, size_t room)
{
	while (in.left) {
		enum edit_kind kind = next_edit(&in);
		struct fuzz_input arguments = edit_arguments(&in);
		uint32_t at;

		if (kind == EDIT_ARRAY) {
			at = fuzz_below(&arguments, 2 * ARRAY_COUNT);
			write_value((uint8_t *)gen + ARRAYS_AT + at * 4, 4, &arguments);
		} else if (kind == EDIT_HEAD) {
			at = fuzz_below(&arguments, sizeof *gen) & ~3u;
			write_value((uint8_t *)gen + at, sizeof *gen - at, &arguments);
		} else if (kind == EDIT_TOTAL) {
			*size = fuzz_u8(&arguments) & 1 ? fuzz_u16(&arguments) % room
							: *size + fuzz_u8(&arguments) % 64;
			if (*size > room)
				*size = room;
		}
	}
}

static bool
name_is_inside(const struct generation *gen, struct gen_name name)
{
	return (uint64_t)name.offset + name.len < gen->strings.count;
}

/* The identities that follow from names and addresses, where those can be read. The head is still good. */
static void
fix_hashes(struct generation *gen)
{
	struct gen_monitor *monitors = (void *)((uint8_t *)gen + gen->monitors.offset);
	struct gen_member *members = (void *)((uint8_t *)gen + gen->members.offset);
	struct gen_virtual_server *servers = (void *)((uint8_t *)gen + gen->virtual_servers.offset);
	struct gen_tcp_profile *profiles = (void *)((uint8_t *)gen + gen->tcp_profiles.offset);
	const struct gen_pool *pools = generation_pools(gen);

	for (uint32_t i = 0; i < gen->tcp_profiles.count; i++)
		if (name_is_inside(gen, profiles[i].name))
			profiles[i].hash = generation_tcp_profile_hash(gen, &profiles[i]);
	for (uint32_t i = 0; i < gen->monitors.count; i++) {
		/* All of a monitor's names stand together at its front. */
		const struct gen_name *names = &monitors[i].name;
		size_t count = offsetof(struct gen_monitor, type) / sizeof *names;
		bool inside = true;

		for (size_t n = 0; n < count; n++)
			inside &= name_is_inside(gen, names[n]);
		if (inside)
			monitors[i].hash = generation_monitor_hash(gen, &monitors[i]);
	}
	for (uint32_t i = 0; i < gen->members.count; i++)
		if (members[i].pool < gen->pools.count &&
		    name_is_inside(gen, pools[members[i].pool].name))
			members[i].owner = generation_member_owner(gen, &members[i]);
	for (uint32_t i = 0; i < gen->virtual_servers.count; i++)
		if (name_is_inside(gen, servers[i].name))
			servers[i].owner = generation_vs_owner(gen, &servers[i]);
}

/* Only where the head's own length can be trusted with it. */
static void
fix_sums(struct generation *gen, size_t size)
{
	if (size < sizeof *gen || gen->total_bytes != size)
		return;
	gen->content_hash = generation_content_hash(gen);
	gen->checksum = generation_checksum(gen);
}

/* ---- reading one ---- */

static void
walk(const struct generation *gen)
{
	const uint8_t *bytes = (const uint8_t *)gen;
	volatile uint8_t sum = 0;

	for (unsigned i = 0; i < ARRAY_COUNT; i++) {
		const struct gen_array *array = array_of((struct generation *)gen, i);

		ASSERT(array->offset % 8 == 0 && array->offset >= sizeof *gen);
		ASSERT((uint64_t)array->offset + array->count <= gen->total_bytes);
		ASSERT(i == 0 || array[-1].offset + array[-1].count <= array->offset);
	}
	for (uint64_t i = 0; i < gen->total_bytes; i++)
		sum = (uint8_t)(sum + bytes[i]);
	walk_mgmt(gen);
	walk_dataplane(gen);
}

/* As mgmtd does with what runs: shows it, and compiles the next one on top of it. */
static void
walk_mgmt(const struct generation *gen)
{
	struct generation *next = NULL;
	struct model model;
	char *text;

	ASSERT(decompile(gen, &model) == ERR_ok);
	text = model_save(&model);
	ASSERT(text && *text);
	free(text);
	model_free(&model);
	for (unsigned i = 0; i < 2; i++) {
		ASSERT(decompile(bases[i], &model) == ERR_ok);
		if (compile(&model, gen, 9, 9, &next) == ERR_ok)
			free(next);
		model_free(&model);
	}
}

/* As the control thread and the workers do. */
static void
walk_dataplane(const struct generation *gen)
{
	const struct view_devices devices = { port_list, PORTS };
	const struct gen_virtual_server *servers = generation_virtual_servers(gen);
	const struct gen_pool *pools = generation_pools(gen);
	struct config_view *view;
	char why[256] = "";

	memset(health, 0, sizeof *health);
	memset(stats->vs_owner, 0, sizeof stats->vs_owner);
	memset(stats->member_owner, 0, sizeof stats->member_owner);
	if (config_view_make(gen, gen->total_bytes, &devices, stats, health, &view, why,
			     sizeof why) != ERR_ok) {
		ASSERT(*why);
		return;
	}
	for (uint32_t i = 0; i < gen->virtual_servers.count; i++) {
		uint32_t found = config_view_vs(view, &servers[i].endpoint);

		ASSERT(found < gen->virtual_servers.count);
		ASSERT(endpoint_equal(&servers[found].endpoint, &servers[i].endpoint));
		ASSERT(net_config_own_has(&view->net, &servers[i].endpoint.addr));
		ASSERT(servers[i].pool < gen->pools.count);
		ASSERT(servers[i].stats_slot < LIMIT_VIRTUAL_SERVERS);
	}
	for (uint32_t i = 0; i < gen->pools.count; i++) {
		const struct gen_member *members = generation_members(gen) + pools[i].first_member;

		ASSERT(pools[i].member_count > 0);
		for (uint32_t k = 0; k < pools[i].slot_count; k++)
			ASSERT(generation_maglev(gen)[pools[i].first_slot + k] <
			       pools[i].member_count);
		for (uint32_t k = 0; k < pools[i].member_count; k++) {
			ASSERT(members[k].pool == i && members[k].weight > 0);
			ASSERT(members[k].stats_slot < LIMIT_MEMBERS);
		}
	}
	for (uint32_t i = 0; i < view->target_count; i++) {
		ASSERT(view->targets[i].monitor == VIEW_NONE ||
		       view->targets[i].monitor < gen->monitors.count);
		ASSERT(view->targets[i].member < gen->members.count);
	}
	walk_profiles(gen, view);
	walk_picks(gen, view);
	config_view_free(view);
}

/* Settings that TCP takes, and a number for whoever asks. */
static void
walk_profiles(const struct generation *gen, struct config_view *view)
{
	static struct profile_numbers numbers;

	profile_adopt(&numbers, tcp, gen, &view->tcp_profiles[0]);
	for (uint32_t i = 0; i < gen->pools.count; i++)
		ASSERT(profile_number(&numbers, gen, &view->tcp_profiles[0],
				      generation_pools(gen)[i].tcp_profile) < TCP_PROFILES);
	for (uint32_t i = 0; i < gen->virtual_servers.count; i++)
		ASSERT(profile_number(&numbers, gen, &view->tcp_profiles[0],
				      generation_virtual_servers(gen)[i].tcp_profile) <
		       TCP_PROFILES);
}

/* Whatever the methods, weights and limits: a member of the pool, or a reason why there is none. */
static void
walk_picks(const struct generation *gen, const struct config_view *view)
{
	const struct addr client = fuzz_addr("10.0.0.2");

	for (uint32_t i = 0; i < gen->pools.count; i++) {
		const struct gen_pool *pool = &generation_pools(gen)[i];
		struct lb_request request = { .pool = i, .client = &client, .now_us = 1000000 };

		for (unsigned n = 0; n < PICKS; n++) {
			uint32_t picked = lb_pick(view->lb[0], &request);

			ASSERT(picked == LB_AT_LIMIT || picked == LB_NONE ||
			       picked - pool->first_member < pool->member_count);
		}
	}
	lb_check(view->lb[0]);
}

const struct fuzz_target fuzz_generation = { "generation", start, run, NULL };
