/* generation_check: what it lets pass, and each way in which a file can be wrong. */
#include <stdlib.h>

#include "fw/abi/services.h"
#include "fw/base/assert.h"
#include "test/unit/fw/abi/sample.h"
#include "test/unit/unit.h"

static enum err
check(const struct generation *gen, const char **where)
{
	return generation_check(gen, gen->total_bytes, where);
}

static void
good_file_passes(void)
{
	struct generation *gen = sample_generation();
	const char *where = NULL;

	CU_ASSERT_EQUAL(check(gen, &where), ERR_ok);
	CU_ASSERT_STRING_EQUAL(where, "");
	CU_ASSERT_STRING_EQUAL(generation_text(gen, generation_pools(gen)[1].name), "raw");
	free(gen);
}

static void
empty_configuration_passes(void)
{
	struct generation gen = { .magic = GENERATION_MAGIC,
				  .layout_hash = generation_layout_hash(),
				  .number = 1 };
	const char *where;

	CU_ASSERT_EQUAL_FATAL(generation_lay_out(&gen), ERR_ok);
	CU_ASSERT_EQUAL(gen.total_bytes, sizeof gen);
	sample_seal(&gen);
	CU_ASSERT_EQUAL(check(&gen, &where), ERR_ok);
}

static void
any_flipped_bit_is_refused(void)
{
	struct generation *gen = sample_generation();
	uint64_t size = gen->total_bytes;
	const char *where;

	for (uint64_t i = 0; i < size; i++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			((uint8_t *)gen)[i] ^= (uint8_t)(1u << bit);
			CU_ASSERT_NOT_EQUAL(generation_check(gen, size, &where), ERR_ok);
			((uint8_t *)gen)[i] ^= (uint8_t)(1u << bit);
		}
	}
	CU_ASSERT_EQUAL(generation_check(gen, size, &where), ERR_ok);
	free(gen);
}

static void
any_other_length_is_refused(void)
{
	struct generation *gen = sample_generation();
	const char *where;

	for (uint64_t size = 0; size < gen->total_bytes; size++) {
		/* A block of exactly this size, so that the sanitizer sees a byte too far. */
		struct generation *cut = malloc(size ? size : 1);

		memcpy(cut, gen, size);
		CU_ASSERT_NOT_EQUAL(generation_check(cut, size, &where), ERR_ok);
		free(cut);
	}
	CU_ASSERT_EQUAL(generation_check(gen, gen->total_bytes + 1, &where), ERR_corrupt);
	CU_ASSERT_EQUAL(generation_check(gen, SIZE_MAX, &where), ERR_corrupt);
	free(gen);
}

static void
unaligned_memory_is_refused(void)
{
	struct generation *gen = sample_generation();
	uint8_t *memory = malloc(gen->total_bytes + 8);
	const char *where;

	memcpy(memory + 4, gen, gen->total_bytes);
	CU_ASSERT_EQUAL(generation_check(memory + 4, gen->total_bytes, &where), ERR_corrupt);
	CU_ASSERT_STRING_EQUAL(where, "alignment in memory");
	free(memory);
	free(gen);
}

static void
other_layout_is_another_version(void)
{
	struct generation *gen = sample_generation();
	const char *where;

	gen->layout_hash++;
	sample_seal(gen);
	CU_ASSERT_EQUAL(check(gen, &where), ERR_version);
	free(gen);
}

static void
wrong_content_hash_is_refused(void)
{
	struct generation *gen = sample_generation();
	const char *where;

	gen->content_hash++;
	gen->checksum = generation_checksum(gen);
	CU_ASSERT_EQUAL(check(gen, &where), ERR_corrupt);
	CU_ASSERT_STRING_EQUAL(where, "content hash");
	free(gen);
}

/* Each row sets one field of an otherwise good and sealed file and expects what is found wrong. */
#define ROWS(X)                                                                                    \
	X(gen_port, ports, 0, name.len, 0, "port name")                                            \
	X(gen_port, ports, 0, name.len, 1, "port name")                                            \
	X(gen_port, ports, 0, name.len, UINT32_MAX, "port name")                                   \
	X(gen_port, ports, 0, name.offset, 65, "port name")                                        \
	X(gen_port, ports, 0, name.offset, UINT32_MAX - 1, "port name")                            \
	X(gen_port, ports, 0, mtu_bytes, 1279, "port mtu")                                         \
	X(gen_port, ports, 0, mtu_bytes, 65536, "port mtu")                                        \
	X(gen_port, ports, 0, parent, 1, "vlan port")                                              \
	X(gen_port, ports, 0, parent, 0, "vlan port")                                              \
	X(gen_port, ports, 1, parent, 0, "vlan tag")                                               \
	X(gen_port, ports, 0, tag, 9, "port tag")                                                  \
	X(gen_port, ports, 2, parent, 2, "vlan port")                                              \
	X(gen_port, ports, 2, parent, 3, "vlan port")                                              \
	X(gen_port, ports, 2, parent, UINT32_MAX - 1, "vlan port")                                 \
	X(gen_port, ports, 2, parent, GENERATION_NONE, "port tag")                                 \
	X(gen_port, ports, 2, tag, 0, "vlan tag")                                                  \
	X(gen_port, ports, 2, tag, 4095, "vlan tag")                                               \
	X(gen_port, ports, 2, mtu_bytes, LIMIT_MTU_MAX + 1, "port mtu")                            \
	X(gen_port, ports, 1, mtu_bytes, 1399, "vlan mtu")                                         \
	X(gen_port, ports, 0, services, 1u << SERVICE_COUNT, "port services")                      \
	X(gen_port, ports, 0, first_address, 1, "port first address")                              \
	X(gen_port, ports, 1, first_address, UINT32_MAX, "port first address")                     \
	X(gen_port, ports, 0, address_count, 6, "port address count")                              \
	X(gen_port, ports, 1, address_count, UINT32_MAX, "port address count")                     \
	X(gen_port, ports, 2, address_count, 0, "addresses without a port")                        \
	X(gen_address, addresses, 2, port, 0, "address port")                                      \
	X(gen_address, addresses, 3, port, 2, "address port")                                      \
	X(gen_address, addresses, 0, prefix_len, 0, "address prefix length")                       \
	X(gen_address, addresses, 0, prefix_len, 33, "address prefix length")                      \
	X(gen_address, addresses, 1, prefix_len, 129, "address prefix length")                     \
	X(gen_route, routes, 0, gateways[0].port, 3, "gateway port")                               \
	X(gen_route, routes, 0, gateways[0].port, 0, "gateway address")                            \
	X(gen_route, routes, 0, gateway_count, 0, "route gateways")                                \
	X(gen_route, routes, 0, gateway_count, 2, "gateway family")                                \
	X(gen_route, routes, 0, gateway_count, LIMIT_GATEWAYS + 1, "route gateways")               \
	X(gen_route, routes, 0, gateways[1].port, 1, "route gateways")                             \
	X(gen_route, routes, 0, prefix_len, 33, "route prefix length")                             \
	X(gen_route, routes, 1, prefix_len, 129, "route prefix length")                            \
	X(gen_route, routes, 1, prefix_len, 17, "route order")                                     \
	X(gen_route, routes, 0, gateways[0].addr.byte[0], 1, "gateway family")                     \
	X(gen_route, routes, 0, gateways[0].addr.byte[12], 11, "gateway address")                  \
	X(gen_management_address, management_addresses, 0, prefix_len, 0,                          \
	  "management prefix length")                                                              \
	X(gen_management_address, management_addresses, 0, prefix_len, 33,                         \
	  "management prefix length")                                                              \
	X(gen_management_address, management_addresses, 1, prefix_len, 129,                        \
	  "management prefix length")                                                              \
	X(gen_management_address, management_addresses, 0, gateway.byte[0], 1,                     \
	  "management gateway family")                                                             \
	X(gen_monitor, monitors, 0, name.len, 0, "monitor name")                                   \
	X(gen_monitor, monitors, 0, name.len, 7, "monitor name")                                   \
	X(gen_monitor, monitors, 0, type, 2, "monitor type")                                       \
	X(gen_monitor, monitors, 1, path.len, 0, "monitor path")                                   \
	X(gen_monitor, monitors, 1, path.offset, 0, "monitor path")                                \
	X(gen_monitor, monitors, 1, host.len, 300, "monitor host")                                 \
	X(gen_monitor, monitors, 1, interval_ms, 0, "monitor interval")                            \
	X(gen_monitor, monitors, 1, interval_ms, LIMIT_TIME_MS + 1, "monitor interval")            \
	X(gen_monitor, monitors, 1, timeout_ms, 0, "monitor timeout")                              \
	X(gen_monitor, monitors, 1, timeout_ms, 1001, "monitor timeout")                           \
	X(gen_monitor, monitors, 1, fall, 0, "monitor fall or rise")                               \
	X(gen_monitor, monitors, 1, rise, 0, "monitor fall or rise")                               \
	X(gen_monitor, monitors, 1, jitter_percent, 51, "monitor jitter")                          \
	X(gen_monitor, monitors, 1, method, 3, "monitor method")                                   \
	X(gen_monitor, monitors, 1, statuses, (struct gen_statuses){ 0 }, "monitor statuses")      \
	X(gen_monitor, monitors, 1, statuses.bits[7], UINT64_C(1) << 52, "monitor statuses")       \
	X(gen_monitor, monitors, 1, headers.len, 1024, "monitor headers")                          \
	X(gen_monitor, monitors, 1, headers.offset, 65, "monitor headers")                         \
	X(gen_monitor, monitors, 1, headers.len, 1, "monitor headers")                             \
	X(gen_monitor, monitors, 1, body.len, 256, "monitor body")                                 \
	X(gen_monitor, monitors, 1, hash, 1, "monitor hash")                                       \
	X(gen_tcp_profile, tcp_profiles, 0, name.len, 0, "tcp profile name")                       \
	X(gen_tcp_profile, tcp_profiles, 0, receive_buffer_bytes, LIMIT_TCP_BUFFER_MIN - 1,        \
	  "tcp profile receive buffer")                                                            \
	X(gen_tcp_profile, tcp_profiles, 0, receive_buffer_bytes, LIMIT_TCP_BUFFER_MAX + 1,        \
	  "tcp profile receive buffer")                                                            \
	X(gen_tcp_profile, tcp_profiles, 0, send_buffer_bytes, 0, "tcp profile send buffer")       \
	X(gen_tcp_profile, tcp_profiles, 0, send_buffer_bytes, UINT32_MAX,                         \
	  "tcp profile send buffer")                                                               \
	X(gen_tcp_profile, tcp_profiles, 0, delayed_ack_ms, 500, "tcp profile delayed ack")        \
	X(gen_tcp_profile, tcp_profiles, 0, syn_retries, 0, "tcp profile syn retries")             \
	X(gen_tcp_profile, tcp_profiles, 0, syn_retries, LIMIT_TCP_RETRIES + 1,                    \
	  "tcp profile syn retries")                                                               \
	X(gen_tcp_profile, tcp_profiles, 0, data_retries, 0, "tcp profile data retries")           \
	X(gen_tcp_profile, tcp_profiles, 0, data_retries, LIMIT_TCP_RETRIES + 1,                   \
	  "tcp profile data retries")                                                              \
	X(gen_tcp_profile, tcp_profiles, 0, max_segment_bytes, 1, "tcp profile segment")           \
	X(gen_tcp_profile, tcp_profiles, 0, max_segment_bytes, LIMIT_SEGMENT_MIN - 1,              \
	  "tcp profile segment")                                                                   \
	X(gen_tcp_profile, tcp_profiles, 0, max_segment_bytes, LIMIT_SEGMENT_MAX + 1,              \
	  "tcp profile segment")                                                                   \
	X(gen_tcp_profile, tcp_profiles, 0, user_timeout_ms, LIMIT_TIME_MS + 1,                    \
	  "tcp profile user timeout")                                                              \
	X(gen_tcp_profile, tcp_profiles, 0, keep_alive_idle_ms, LIMIT_TIME_MS + 1,                 \
	  "tcp profile keep-alive idle")                                                           \
	X(gen_tcp_profile, tcp_profiles, 0, keep_alive_interval_ms, LIMIT_KEEP_ALIVE_MIN - 1,      \
	  "tcp profile keep-alive interval")                                                       \
	X(gen_tcp_profile, tcp_profiles, 0, keep_alive_interval_ms, LIMIT_TIME_MS + 1,             \
	  "tcp profile keep-alive interval")                                                       \
	X(gen_tcp_profile, tcp_profiles, 0, keep_alive_probes, 0, "tcp profile keep-alive probes") \
	X(gen_tcp_profile, tcp_profiles, 0, keep_alive_probes, LIMIT_TCP_RETRIES + 1,              \
	  "tcp profile keep-alive probes")                                                         \
	X(gen_tcp_profile, tcp_profiles, 1, congestion_control, GEN_TCP_CC_COUNT,                  \
	  "tcp profile congestion control")                                                        \
	X(gen_tcp_profile, tcp_profiles, 1, ecn, 2, "tcp profile switch")                          \
	X(gen_tcp_profile, tcp_profiles, 1, nagle, 2, "tcp profile switch")                        \
	X(gen_tcp_profile, tcp_profiles, 1, pacing, 2, "tcp profile switch")                       \
	X(gen_tcp_profile, tcp_profiles, 1, fast_open, UINT32_MAX, "tcp profile switch")           \
	X(gen_tcp_profile, tcp_profiles, 1, hash, 1, "tcp profile hash")                           \
	X(gen_pool, pools, 0, name.len, 0, "pool name")                                            \
	X(gen_pool, pools, 0, method, GEN_METHOD_COUNT, "pool method")                             \
	X(gen_pool, pools, 0, method, GEN_METHOD_MAGLEV, "pool slot count")                        \
	X(gen_pool, pools, 1, method, 1, "pool with slots it has no use for")                      \
	X(gen_pool, pools, 1, first_slot, 1, "pool first slot")                                    \
	X(gen_pool, pools, 1, slot_count, 0, "pool slot count")                                    \
	X(gen_pool, pools, 1, slot_count, 6, "pool slot count")                                    \
	X(gen_pool, pools, 1, slot_count, UINT32_MAX, "pool slot count")                           \
	X(gen_pool, pools, 1, slot_count, 4, "maglev slots without a pool")                        \
	X(gen_pool, pools, 0, keep_idle_max, LIMIT_CONNECTIONS + 1, "pool kept connections")       \
	X(gen_pool, pools, 0, keep_idle_timeout_ms, 0, "pool kept connections' timeout")           \
	X(gen_pool, pools, 0, passive_retry_ms, 0, "pool passive retry")                           \
	X(gen_pool, pools, 0, monitor, 2, "pool monitor")                                          \
	X(gen_pool, pools, 0, tcp_profile, 2, "pool tcp profile")                                  \
	X(gen_pool, pools, 1, first_member, 1, "pool first member")                                \
	X(gen_pool, pools, 1, member_count, 0, "pool member count")                                \
	X(gen_pool, pools, 1, member_count, 2, "pool member count")                                \
	X(gen_pool, pools, 1, member_count, UINT32_MAX, "pool member count")                       \
	X(gen_pool, pools, 0, member_count, 1, "pool first member")                                \
	X(gen_member, members, 2, pool, 0, "member pool")                                          \
	X(gen_member, members, 2, pool, UINT32_MAX, "member pool")                                 \
	X(gen_member, members, 2, endpoint.port, 0, "member port")                                 \
	X(gen_member, members, 2, weight, 0, "member weight")                                      \
	X(gen_member, members, 2, weight, LIMIT_WEIGHT + 1, "member weight")                       \
	X(gen_member, members, 2, connection_limit, LIMIT_CONNECTIONS + 1,                         \
	  "member connection limit")                                                               \
	X(gen_member, members, 2, backup, 2, "member backup")                                      \
	X(gen_member, members, 2, stats_slot, LIMIT_MEMBERS, "member stats slot")                  \
	X(gen_member, members, 2, stats_slot, 0, "member stats slot")                              \
	X(gen_member, members, 2, owner, 0, "member owner")                                        \
	X(gen_virtual_server, virtual_servers, 1, name.len, 0, "virtual server name")              \
	X(gen_virtual_server, virtual_servers, 1, endpoint.port, 0, "virtual server port")         \
	X(gen_virtual_server, virtual_servers, 1, type, 2, "virtual server type")                  \
	X(gen_virtual_server, virtual_servers, 1, pool, 2, "virtual server pool")                  \
	X(gen_virtual_server, virtual_servers, 1, pool, GENERATION_NONE, "virtual server pool")    \
	X(gen_virtual_server, virtual_servers, 1, tcp_profile, 2, "virtual server tcp profile")    \
	X(gen_virtual_server, virtual_servers, 1, idle_timeout_ms, 0,                              \
	  "virtual server idle timeout")                                                           \
	X(gen_virtual_server, virtual_servers, 1, stats_slot, 0, "virtual server stats slot")      \
	X(gen_virtual_server, virtual_servers, 1, stats_slot, LIMIT_VIRTUAL_SERVERS,               \
	  "virtual server stats slot")                                                             \
	X(gen_virtual_server, virtual_servers, 1, owner, 0, "virtual server owner")

static void
expect(struct generation *gen, const char *expected, const char *row)
{
	const char *where = "";

	sample_seal(gen);
	if (check(gen, &where) != ERR_corrupt || strcmp(where, expected) != 0)
		printf("%s: found \"%s\", not \"%s\"\n", row, where, expected);
	CU_ASSERT_STRING_EQUAL(where, expected);
	free(gen);
}

static void
each_wrong_field_is_named(void)
{
	struct generation *gen;

#define X(type, array, index, field, value, expected)                                              \
	gen = sample_generation();                                                                 \
	SAMPLE(gen, type, array, index)->field =                                                   \
	    (__typeof__(SAMPLE(gen, type, array, index)->field))(value);                           \
	expect(gen, expected, #array "." #field " = " #value);
	ROWS(X)
#undef X
}

static void
wrong_header_is_named(void)
{
	struct generation *gen;

#define ROW(field, value, expected)                                                                \
	gen = sample_generation();                                                                 \
	gen->field = (value);                                                                      \
	expect(gen, expected, #field " = " #value);
	ROW(magic, 1, "magic")
	ROW(number, 0, "number")
	ROW(ports.count, LIMIT_INTERFACES + 1, "array counts")
	ROW(members.count, UINT32_MAX, "array counts")
	ROW(strings.count, UINT32_MAX, "array counts")
	ROW(strings.count, 80, "array sizes")
	ROW(routes.count, 1, "array sizes")
	ROW(ports.offset, 0, "ports offset")
	ROW(members.offset, UINT32_MAX, "members offset")
	ROW(strings.offset, gen->strings.offset + 8, "strings offset")
#undef ROW
}

/* Rows that take each alone and not together. */
static void
vlans_that_do_not_fit_together_are_named(void)
{
	struct generation *gen = sample_generation();

	*SAMPLE(gen, gen_port, ports, 1) = *SAMPLE(gen, gen_port, ports, 2);
	SAMPLE(gen, gen_port, ports, 1)->parent = 0;
	SAMPLE(gen, gen_port, ports, 1)->first_address = 2;
	SAMPLE(gen, gen_port, ports, 1)->address_count = 2;
	SAMPLE(gen, gen_port, ports, 2)->parent = 0;
	expect(gen, "vlan tag twice", "two VLANs of a tag on a port");
	gen = sample_generation();
	*SAMPLE(gen, gen_port, ports, 1) = *SAMPLE(gen, gen_port, ports, 2);
	SAMPLE(gen, gen_port, ports, 1)->parent = 0;
	SAMPLE(gen, gen_port, ports, 1)->first_address = 2;
	SAMPLE(gen, gen_port, ports, 1)->address_count = 2;
	expect(gen, "vlan port", "a VLAN on a VLAN");
	gen = sample_generation();
	SAMPLE(gen, gen_port, ports, 1)->parent = 0;
	SAMPLE(gen, gen_port, ports, 1)->tag = 1;
	SAMPLE(gen, gen_port, ports, 2)->parent = GENERATION_NONE;
	SAMPLE(gen, gen_port, ports, 2)->tag = 0;
	expect(gen, "port order", "a port behind a VLAN");
}

/* p0 and p1 as a bond in the place of v9. */
static struct generation *
sample_with_a_bond(void)
{
	struct generation *gen = sample_generation();

	for (uint32_t i = 0; i < 2; i++) {
		SAMPLE(gen, gen_port, ports, i)->first_address = 0;
		SAMPLE(gen, gen_port, ports, i)->address_count = 0;
	}
	SAMPLE(gen, gen_port, ports, 2)->first_address = 0;
	SAMPLE(gen, gen_port, ports, 2)->address_count = 5;
	for (uint32_t i = 0; i < 5; i++)
		SAMPLE(gen, gen_address, addresses, i)->port = 2;
	for (uint32_t i = 0; i < 2; i++)
		SAMPLE(gen, gen_route, routes, i)->gateways[0].port = 2;
	SAMPLE(gen, gen_port, ports, 2)->parent = GENERATION_NONE;
	SAMPLE(gen, gen_port, ports, 2)->tag = 0;
	SAMPLE(gen, gen_port, ports, 2)->bond_mode = GEN_BOND_LACP;
	SAMPLE(gen, gen_port, ports, 2)->member_count = 2;
	SAMPLE(gen, gen_port, ports, 2)->members[0] = 1;
	return gen;
}

static void
bonds_that_do_not_fit_together_are_named(void)
{
	struct generation *gen = sample_with_a_bond();
	const char *where = "";

	sample_seal(gen);
	CU_ASSERT_EQUAL(check(gen, &where), ERR_ok);
	CU_ASSERT_STRING_EQUAL(where, "");
	CU_ASSERT_EQUAL(generation_bond_of(gen, 0), 2);
	CU_ASSERT_EQUAL(generation_bond_of(gen, 1), 2);
	CU_ASSERT_EQUAL(generation_bond_of(gen, 2), GENERATION_NONE);
	free(gen);
#define ROW(row, field, value, expected)                                                           \
	gen = sample_with_a_bond();                                                                \
	SAMPLE(gen, gen_port, ports, row)->field = (value);                                        \
	expect(gen, expected, "bond: " #row " " #field " = " #value);
	ROW(2, bond_mode, GEN_BOND_MODES, "bond mode")
	ROW(2, bond_mode, GEN_BOND_NONE, "bond members")
	ROW(2, member_count, 1, "bond members")
	ROW(2, member_count, LIMIT_BOND_PORTS + 1, "bond members")
	ROW(2, member_count, UINT32_MAX, "bond members")
	ROW(2, members[2], 1, "bond members")
	ROW(2, members[0], 2, "bond member")
	ROW(2, members[0], 3, "bond member")
	ROW(2, members[0], UINT32_MAX, "bond member")
	ROW(2, members[0], 0, "bond member twice")
	ROW(2, tag, 1, "port tag")
	ROW(2, mtu_bytes, 1501, "bond mtu")
	ROW(1, services, 1, "bond member in use")
	ROW(0, member_count, 2, "bond members")
	ROW(0, members[3], 1, "bond members")
	ROW(1, bond_mode, GEN_BOND_LACP, "bond members")
	ROW(2, parent, 0, "vlan port")
#undef ROW
}

static void
control_bytes_in_names_are_refused(void)
{
	for (int byte = 0; byte < 256; byte++) {
		struct generation *gen = sample_generation();
		struct gen_virtual_server *vs = SAMPLE(gen, gen_virtual_server, virtual_servers, 0);
		const char *where;

		((char *)gen)[gen->strings.offset + vs->name.offset] = (char)byte;
		vs->owner = generation_vs_owner(gen, vs);
		sample_seal(gen);
		CU_ASSERT_EQUAL(check(gen, &where),
				byte > 0x20 && byte < 0x7f ? ERR_ok : ERR_corrupt);
		free(gen);
	}
}

static void
text_without_its_nul_is_refused(void)
{
	struct generation *gen = sample_generation();
	struct gen_name name = generation_virtual_servers(gen)[1].name;
	const char *where;

	/* The last name, and everything behind it up to the end of the strings. */
	memset((char *)gen + gen->strings.offset + name.offset + name.len, 'x',
	       gen->strings.count - name.offset - name.len);
	sample_seal(gen);
	CU_ASSERT_EQUAL(check(gen, &where), ERR_corrupt);
	CU_ASSERT_STRING_EQUAL(where, "virtual server name");
	free(gen);
}

/*
 * Whatever a hostile but sealed file says: the check reads nothing outside of it. The sanitizers
 * watch.
 */
static void
sealed_damage_is_survived(void)
{
	static const uint8_t values[] = { 0x00, 0x01, 0x7f, 0x80, 0xff };
	struct generation *good = sample_generation();
	uint64_t size = good->total_bytes;

	for (uint64_t i = 0; i < size; i++) {
		for (size_t v = 0; v < ARRAY_SIZE(values); v++) {
			struct generation *gen = malloc(size);
			const char *where = NULL;

			memcpy(gen, good, size);
			((uint8_t *)gen)[i] = values[v];
			if (gen->total_bytes == size)
				sample_seal(gen);
			(void)!generation_check(gen, size, &where);
			CU_ASSERT_PTR_NOT_NULL(where);
			free(gen);
		}
	}
	free(good);
}

static void
content_hash_leaves_out_number_and_time_only(void)
{
	struct generation *gen = sample_generation();
	uint64_t before = generation_content_hash(gen);

	gen->number++;
	gen->created_unix_s++;
	CU_ASSERT_EQUAL(generation_content_hash(gen), before);
	SAMPLE(gen, gen_member, members, 0)->stats_slot = 99;
	CU_ASSERT_NOT_EQUAL(generation_content_hash(gen), before);
	free(gen);
}

static void
monitor_identity_keeps_with_another_interval(void)
{
	struct generation *gen = sample_generation();
	struct gen_monitor *monitor = SAMPLE(gen, gen_monitor, monitors, 1);
	uint64_t before = generation_monitor_hash(gen, monitor);

	monitor->interval_ms = 17;
	monitor->fall = 9;
	CU_ASSERT_EQUAL(generation_monitor_hash(gen, monitor), before);
	gen_statuses_add(&monitor->statuses, 500);
	CU_ASSERT_NOT_EQUAL(generation_monitor_hash(gen, monitor), before);
	free(gen);
}

static void
tcp_profile_identity_is_its_name_alone(void)
{
	struct generation *gen = sample_generation();
	struct gen_tcp_profile *profile = SAMPLE(gen, gen_tcp_profile, tcp_profiles, 1);
	uint64_t before = generation_tcp_profile_hash(gen, profile);

	profile->receive_buffer_bytes = 5000;
	profile->congestion_control = GEN_TCP_CC_NEWRENO;
	profile->nagle = 1;
	CU_ASSERT_EQUAL(generation_tcp_profile_hash(gen, profile), before);
	profile->name = SAMPLE(gen, gen_tcp_profile, tcp_profiles, 0)->name;
	CU_ASSERT_NOT_EQUAL(generation_tcp_profile_hash(gen, profile), before);
	free(gen);
}

static void
counts_over_a_limit_are_not_laid_out(void)
{
	struct generation gen = { .members.count = LIMIT_MEMBERS + 1 };
	struct generation large = { .strings.count = LIMIT_GENERATION_BYTES };

	CU_ASSERT_EQUAL(generation_lay_out(&gen), ERR_too_long);
	CU_ASSERT_EQUAL(generation_lay_out(&large), ERR_too_long);
}

CU_TestInfo test_generation[] = {
	{ "generation_good_file_passes", good_file_passes },
	{ "generation_empty_configuration_passes", empty_configuration_passes },
	{ "generation_any_flipped_bit_is_refused", any_flipped_bit_is_refused },
	{ "generation_any_other_length_is_refused", any_other_length_is_refused },
	{ "generation_unaligned_memory_is_refused", unaligned_memory_is_refused },
	{ "generation_other_layout_is_another_version", other_layout_is_another_version },
	{ "generation_wrong_content_hash_is_refused", wrong_content_hash_is_refused },
	{ "generation_each_wrong_field_is_named", each_wrong_field_is_named },
	{ "generation_wrong_header_is_named", wrong_header_is_named },
	{ "generation_bonds_that_do_not_fit_together_are_named",
	  bonds_that_do_not_fit_together_are_named },
	{ "generation_vlans_that_do_not_fit_together_are_named",
	  vlans_that_do_not_fit_together_are_named },
	{ "generation_control_bytes_in_names_are_refused", control_bytes_in_names_are_refused },
	{ "generation_text_without_its_nul_is_refused", text_without_its_nul_is_refused },
	{ "generation_sealed_damage_is_survived", sealed_damage_is_survived },
	{ "generation_content_hash_leaves_out_number_and_time_only",
	  content_hash_leaves_out_number_and_time_only },
	{ "generation_monitor_identity_keeps_with_another_interval",
	  monitor_identity_keeps_with_another_interval },
	{ "generation_tcp_profile_identity_is_its_name_alone",
	  tcp_profile_identity_is_its_name_alone },
	{ "generation_counts_over_a_limit_are_not_laid_out", counts_over_a_limit_are_not_laid_out },
	CU_TEST_INFO_NULL,
};
