/*
 * The watch: when each connection last did something, in time that its node lived through, against how long its state may
 * last in silence.
 */
#include "test/sim/watch.h"

#include <stdlib.h>
#include <string.h>

#define EVERY_US SEC
#define SLACK_US (10 * SEC) /* of our own looking, and of packet buffers that were scarce */

/* More than any initial window (RFC 6928); beyond that each byte of cwnd needs one acknowledged (RFC 5681 3.1). */
#define CWND_UNEARNED 65536u

struct watched {
	bool used;
	enum tcp_state state;
	bool released;
	uint64_t opened_us, received_us, bytes_out;
	uint32_t queued_bytes;
	uint64_t stirred_us; /* when any of these was seen to change, in time lived through */
};

struct watch {
	uint32_t conns;
	uint64_t next_us;
	struct watched *watched;
};

static bool stirs(const struct watched *w, const struct tcp_info *info);
static bool is_starved(const struct tcp *tcp, uint32_t id, uint64_t now_us);
static uint64_t limit_us(const struct tcp_info *info, const struct tcp_settings *settings);

struct watch *
watch_new(uint32_t conns)
{
	struct watch *watch = calloc(1, sizeof *watch);

	ASSERT(watch);
	watch->conns = conns;
	watch->watched = calloc(conns, sizeof *watch->watched);
	ASSERT(watch->watched);
	return watch;
}

void
watch_forget(struct watch *watch)
{
	memset(watch->watched, 0, watch->conns * sizeof *watch->watched);
}

void
watch_check(struct watch *watch, const struct node *node, const struct tcp *tcp,
	    const struct tcp_settings *settings, uint64_t now_us)
{
	uint64_t lived_us = now_us - node->missed_us;

	if (now_us < watch->next_us)
		return;
	watch->next_us = now_us + EVERY_US;
	for (uint32_t id = 0; id < watch->conns; id++) {
		struct watched *w = &watch->watched[id];
		struct tcp_info info;

		if (!tcp_info(tcp, id, &info)) {
			w->used = false;
			continue;
		}
		if (info.cwnd_bytes > CWND_UNEARNED + info.bytes_out + info.send_queued_bytes)
			world_fail(node->world, "%s: connection %u has a cwnd of %u for %llu bytes",
				   node->name, id, info.cwnd_bytes,
				   (unsigned long long)info.bytes_out);
		if (!w->used || stirs(w, &info) ||
		    (!info.released && is_starved(tcp, id, now_us))) {
			*w = (struct watched){ .used = true,
					       .state = info.state,
					       .released = info.released,
					       .opened_us = info.opened_us,
					       .received_us = info.received_us,
					       .bytes_out = info.bytes_out,
					       .queued_bytes = info.send_queued_bytes,
					       .stirred_us = lived_us };
			continue;
		}
		if (lived_us > w->stirred_us + limit_us(&info, settings))
			world_fail(node->world,
				   "%s: connection %u is in %s%s for %llu s without a word",
				   node->name, id, tcp_state_text(info.state),
				   info.released ? ", released," : "",
				   (unsigned long long)((lived_us - w->stirred_us) / SEC));
	}
}

static bool
stirs(const struct watched *w, const struct tcp_info *info)
{
	return w->state != info->state || w->released != info->released ||
	       w->opened_us != info->opened_us || w->received_us != info->received_us ||
	       w->bytes_out != info->bytes_out || w->queued_bytes != info->send_queued_bytes;
}

/*
 * It could not send a byte: other connections have all the records there are. Theirs come to an end, and its own time begins
 * when it can; that it begins at all is for the story's own limits to see.
 */
static bool
is_starved(const struct tcp *tcp, uint32_t id, uint64_t now_us)
{
	struct stats_memory memory[MEMORY_COUNT];
	struct conn_fields fields;

	tcp_memory_use(tcp, memory);
	return memory[MEMORY_tcp_records].used == memory[MEMORY_tcp_records].capacity &&
	       tcp_fields(tcp, id, &fields, now_us) &&
	       fields.value[CONN_FIELD_snd_una] == fields.value[CONN_FIELD_snd_nxt] &&
	       fields.value[CONN_FIELD_timer_retry] != CONN_FIELD_NONE;
}

/* How long a timer that doubles until it reaches its most fires so many times, and once more. */
static uint64_t
retries_us(uint32_t retries, uint64_t first_us, uint64_t most_us)
{
	uint64_t sum_us = 0;

	for (uint32_t i = 0; i <= retries; i++) {
		sum_us += min_u64(first_us, most_us);
		first_us = min_u64(2 * first_us, most_us);
	}
	return sum_us;
}

static uint64_t
limit_us(const struct tcp_info *info, const struct tcp_settings *settings)
{
	const struct tcp_profile *profile = &settings->profile;
	uint64_t data_us =
	    retries_us(profile->data_retries, settings->rto_max_us, settings->rto_max_us);

	switch (info->state) {
	case TCP_CLOSED: /* the application's to let go */
		return UINT64_MAX / 2;
	case TCP_SYN_SENT:
	case TCP_SYN_RECEIVED:
		return retries_us(profile->syn_retries, 3 * SEC, settings->rto_max_us) + SLACK_US;
	case TCP_TIME_WAIT:
		return settings->time_wait_us + SLACK_US;
	default:
		break;
	}
	if (info->released)
		return settings->linger_us + SLACK_US;
	if (info->send_queued_bytes || info->state == TCP_FIN_WAIT_1 ||
	    info->state == TCP_CLOSING || info->state == TCP_LAST_ACK)
		return data_us + settings->rto_max_us + SLACK_US; /* a timer that was running */
	if (profile->keep_alive_idle_ms)
		return profile->keep_alive_idle_ms * MS +
		       profile->keep_alive_interval_ms * MS * (profile->keep_alive_probes + 1) +
		       SLACK_US;
	return UINT64_MAX / 2; /* the application may wait as long as it likes */
}
