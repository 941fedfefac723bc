/*
 * Which local ports connections are opened from when only some of them bring their answers back to this worker.
 */
#include "test/unit/dataplane/tcp/tcp_fixture.h"

static unsigned workers, asked;

/* A hash of the whole tuple, as the real one. */
static bool
is_ours(void *context, const struct endpoint *local, const struct endpoint *remote)
{
	uint32_t mixed = (local->port * 2654435761u) ^ (remote->port * 40503u);

	asked++;
	return (mixed >> 16) % workers == 1;
}

static struct tcp_host host;

static void
start_with_workers(unsigned n)
{
	start();
	host = *tcp->host;
	host.port_is_ours = is_ours;
	tcp->host = &host;
	workers = n;
	asked = 0;
}

static enum err
open_one(uint32_t *which)
{
	struct endpoint local = { .addr = peer.ours.addr };

	return tcp_connect(tcp, &local, &peer.theirs, TCP_PROFILE_DEFAULT, 7, now_us, which);
}

static void
ports_chosen_are_ours(void)
{
	start_with_workers(4);
	for (unsigned i = 0; i < 60; i++) {
		CU_ASSERT_EQUAL(open_one(&id), ERR_ok);
		CU_ASSERT(is_ours(NULL, tcp_local(tcp, id), &peer.theirs));
	}
	CU_ASSERT(asked < 60 * 12); /* four looks each, and the one above */
	finish_open();
}

/* Each of our ports is found, though most are not ours; then it is said that there is none. */
static void
ports_of_one_worker_are_used_up(void)
{
	unsigned ours = 0, opened = 0;
	struct endpoint local;

	start_defaults();
	settings.conns = 2048;
	settings.half_open_max = 1;
	start_with_workers(64);
	local.addr = peer.ours.addr;
	for (uint32_t port = TCP_PORT_MIN; port <= TCP_PORT_MAX; port++) {
		local.port = (uint16_t)port;
		ours += is_ours(NULL, &local, &peer.theirs);
	}
	CU_ASSERT(ours > 700 && ours < 1200);
	while (open_one(&id) == ERR_ok)
		opened++;
	CU_ASSERT(opened <= ours);
	CU_ASSERT(opened > ours * 95 / 100);
	CU_ASSERT_EQUAL(open_one(&id), ERR_no_port);
	finish_open();
}

/* A search that finds nothing ends. */
static void
ports_none_ours_ends(void)
{
	start_with_workers(1); /* nothing mod 1 is 1 */
	CU_ASSERT_EQUAL(open_one(&id), ERR_no_port);
	CU_ASSERT(asked <= 16384);
	finish();
}

CU_TestInfo test_port_choice[] = {
	{ "ports_chosen_are_ours", ports_chosen_are_ours },
	{ "ports_of_one_worker_are_used_up", ports_of_one_worker_are_used_up },
	{ "ports_none_ours_ends", ports_none_ours_ends },
	CU_TEST_INFO_NULL,
};
