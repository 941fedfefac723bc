/*
 * A connection as people see it.
 */
#include "dataplane/tcp/tcp_priv.h"

static const char *const state_texts[] = {
	[TCP_CLOSED] = "CLOSED",
	[TCP_SYN_SENT] = "SYN-SENT",
	[TCP_SYN_RECEIVED] = "SYN-RECEIVED",
	[TCP_ESTABLISHED] = "ESTABLISHED",
	[TCP_FIN_WAIT_1] = "FIN-WAIT-1",
	[TCP_FIN_WAIT_2] = "FIN-WAIT-2",
	[TCP_CLOSE_WAIT] = "CLOSE-WAIT",
	[TCP_CLOSING] = "CLOSING",
	[TCP_LAST_ACK] = "LAST-ACK",
	[TCP_TIME_WAIT] = "TIME-WAIT",
};

const char *
tcp_state_text(enum tcp_state state)
{
	return (unsigned)state < ARRAY_SIZE(state_texts) ? state_texts[state] : "?";
}

uint32_t
tcp_capacity(const struct tcp *tcp)
{
	return tcp->conns.capacity;
}

uint32_t
tcp_open_count(const struct tcp *tcp)
{
	return tcp->conns.used;
}

static struct stats_memory
use_of(const struct pool *pool)
{
	return (struct stats_memory){
		.object_bytes = pool->size_bytes,
		.capacity = pool->capacity,
		.used = pool->used,
		.used_max = pool->used_max,
	};
}

void
tcp_memory_use(const struct tcp *tcp, struct stats_memory memory[MEMORY_COUNT])
{
	memory[MEMORY_tcp_conns] = use_of(&tcp->conns);
	memory[MEMORY_tcp_flights] = use_of(&tcp->flights);
	memory[MEMORY_tcp_records] = use_of(&tcp->sent);
	memory[MEMORY_tcp_buckets] = (struct stats_memory){
		.object_bytes = sizeof tcp->buckets[0],
		.capacity = tcp->bucket_mask + 1,
		.used = tcp->conns.used,
		.used_max = tcp->conns.used_max,
	};
	memory[MEMORY_tcp_paths] = (struct stats_memory){
		.object_bytes = sizeof tcp->paths[0],
		.capacity = TCP_PATHS,
		.used = tcp->paths_used,
		.used_max = tcp->paths_used_max,
	};
}

bool
tcp_info(const struct tcp *tcp, uint32_t id, struct tcp_info *info)
{
	const struct tcp_conn *c;

	if (!pool_is_used(&tcp->conns, id))
		return false;
	c = conn_at(tcp, id);
	*info = (struct tcp_info){
		.state = c->state,
		.local = c->local,
		.remote = c->remote,
		.accepted = c->flags & CONN_ACCEPTED,
		.released = c->flags & CONN_RELEASED,
		.user = c->user,
		.opened_us = c->opened_us,
		.received_us = c->received_us,
		.bytes_in = c->bytes_in,
		.bytes_out = c->bytes_out,
		.rtt_us = c->srtt_us,
		.rto_us = c->rto_us,
		.cwnd_bytes = c->cwnd,
		.ssthresh_bytes = c->ssthresh,
		.mss_bytes = c->mss,
		.send_window_bytes = c->snd_wnd,
		.receive_window_bytes = c->rcv_adv - c->rcv_nxt,
		.send_queued_bytes = c->queue.bytes,
		.receive_queued_bytes = c->received.bytes,
		.reassembly_bytes = c->flight->reassembly_bytes,
		.retransmits = c->retransmits,
	};
	return true;
}
