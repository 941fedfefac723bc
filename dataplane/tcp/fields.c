/*
 * The whole of a connection as people see it, by the rows of fw/abi/conn_fields.tbl: for `show
 * connection`. Reads only.
 */
#include "dataplane/tcp/tcp_priv.h"

static void common(const struct tcp_conn *c, uint64_t v[], uint64_t now_us);
static void sending(const struct tcp_conn *c, uint64_t v[]);
static void receiving(const struct tcp_conn *c, uint64_t v[]);
static void congestion(const struct tcp_conn *c, uint64_t v[]);
static void round_trips(const struct tcp_conn *c, uint64_t v[]);
static void rack(const struct tcp_conn *c, uint64_t v[]);
static void path(const struct tcp_conn *c, uint64_t v[], uint64_t now_us);
static void timers(const struct tcp_conn *c, uint64_t v[], uint64_t now_us);

bool
tcp_fields(const struct tcp *tcp, uint32_t id, struct conn_fields *fields, uint64_t now_us)
{
	const struct tcp_conn *c;

	if (!pool_is_used(&tcp->conns, id))
		return false;
	c = conn_at(tcp, id);
	common(c, fields->value, now_us);
	sending(c, fields->value);
	receiving(c, fields->value);
	congestion(c, fields->value);
	round_trips(c, fields->value);
	rack(c, fields->value);
	path(c, fields->value, now_us);
	timers(c, fields->value, now_us);
	return true;
}

#define SSTHRESH_NONE (1u << 30) /* as cc.c begins: larger than any window */

static uint64_t
flag(const struct tcp_conn *c, enum tcp_conn_flag bit)
{
	return (c->flags & bit) != 0;
}

/* Since a moment in the past; 0: it never was. */
static uint64_t
ago(uint64_t then_us, uint64_t now_us)
{
	return then_us ? now_us - then_us : CONN_FIELD_NONE;
}

static uint64_t
left(uint64_t due_us, uint64_t now_us)
{
	if (due_us == TCP_NEVER)
		return CONN_FIELD_NONE;
	return due_us > now_us ? due_us - now_us : 0;
}

static uint64_t
state_word(enum tcp_state state)
{
	static const uint8_t words[] = {
		[TCP_CLOSED] = CONN_WORD_closed,
		[TCP_SYN_SENT] = CONN_WORD_syn_sent,
		[TCP_SYN_RECEIVED] = CONN_WORD_syn_received,
		[TCP_ESTABLISHED] = CONN_WORD_established,
		[TCP_FIN_WAIT_1] = CONN_WORD_fin_wait_1,
		[TCP_FIN_WAIT_2] = CONN_WORD_fin_wait_2,
		[TCP_CLOSE_WAIT] = CONN_WORD_close_wait,
		[TCP_CLOSING] = CONN_WORD_closing,
		[TCP_LAST_ACK] = CONN_WORD_last_ack,
		[TCP_TIME_WAIT] = CONN_WORD_time_wait,
	};

	return state < ARRAY_SIZE(words) ? words[state] : CONN_FIELD_NONE;
}

static uint64_t
close_word(enum tcp_close_reason reason)
{
	static const uint8_t words[] = {
		[TCP_CLOSE_FINISHED] = CONN_WORD_finished,
		[TCP_CLOSE_REFUSED] = CONN_WORD_refused,
		[TCP_CLOSE_RESET] = CONN_WORD_reset,
		[TCP_CLOSE_TIMEOUT] = CONN_WORD_timeout,
		[TCP_CLOSE_UNREACHABLE] = CONN_WORD_unreachable,
	};

	return reason != TCP_CLOSE_NONE && reason < ARRAY_SIZE(words) ? words[reason]
								      : CONN_FIELD_NONE;
}

#define SAME_BIT(tcp_event, conn_event)                                                            \
	STATIC_ASSERT((tcp_event) == 1 << (conn_event), "events are the same bits for people")

SAME_BIT(TCP_EVENT_OPEN, CONN_EVENT_open);
SAME_BIT(TCP_EVENT_READABLE, CONN_EVENT_readable);
SAME_BIT(TCP_EVENT_EOF, CONN_EVENT_eof);
SAME_BIT(TCP_EVENT_WRITABLE, CONN_EVENT_writable);
SAME_BIT(TCP_EVENT_CLOSED, CONN_EVENT_closed);

static void
common(const struct tcp_conn *c, uint64_t v[], uint64_t now_us)
{
	v[CONN_FIELD_state] = state_word(c->state);
	v[CONN_FIELD_close_reason] = close_word(c->close_reason);
	v[CONN_FIELD_accepted] = flag(c, CONN_ACCEPTED);
	v[CONN_FIELD_released] = flag(c, CONN_RELEASED);
	v[CONN_FIELD_events] = c->events;
	v[CONN_FIELD_profile] = c->profile;
	v[CONN_FIELD_option_sack] = flag(c, CONN_SACK);
	v[CONN_FIELD_option_timestamps] = flag(c, CONN_TIMESTAMPS);
	v[CONN_FIELD_option_scale] = flag(c, CONN_SCALE);
	v[CONN_FIELD_option_ecn] = flag(c, CONN_ECN);
	v[CONN_FIELD_fast_open] = flag(c, CONN_FAST_OPEN);
	v[CONN_FIELD_mss] = c->mss;
	v[CONN_FIELD_mss_option] = c->mss_option;
	v[CONN_FIELD_mss_received] = c->rcv_mss;
	v[CONN_FIELD_age] = now_us - c->opened_us;
	v[CONN_FIELD_received_ago] = ago(c->received_us, now_us);
	v[CONN_FIELD_sent_ago] = ago(c->sent_us, now_us);
	v[CONN_FIELD_acked_ago] = ago(c->queue_us, now_us);
	v[CONN_FIELD_ts_recent] = flag(c, CONN_TIMESTAMPS) ? c->ts_recent : CONN_FIELD_NONE;
	v[CONN_FIELD_ts_recent_age] =
	    flag(c, CONN_TIMESTAMPS) ? ago(c->ts_recent_us, now_us) : CONN_FIELD_NONE;
	v[CONN_FIELD_challenges] = c->challenges;
	v[CONN_FIELD_due_ack] = flag(c, CONN_ACK_NOW);
	v[CONN_FIELD_due_retransmission] = flag(c, CONN_RESEND_DUE);
	v[CONN_FIELD_due_tail_probe] = flag(c, CONN_PROBE_DUE);
	v[CONN_FIELD_due_keep_alive] = flag(c, CONN_KEEP_ALIVE_DUE);
	v[CONN_FIELD_due_window_probe] = flag(c, CONN_PERSIST_DUE);
}

static void
sending(const struct tcp_conn *c, uint64_t v[])
{
	const struct tcp_flight *flight = c->flight;

	v[CONN_FIELD_iss] = c->iss;
	v[CONN_FIELD_snd_una] = c->snd_una;
	v[CONN_FIELD_snd_nxt] = c->snd_nxt;
	v[CONN_FIELD_snd_wnd] = c->snd_wnd;
	v[CONN_FIELD_snd_wnd_max] = c->snd_wnd_max;
	v[CONN_FIELD_snd_wl1] = c->snd_wl1;
	v[CONN_FIELD_snd_wl2] = c->snd_wl2;
	v[CONN_FIELD_snd_scale] = c->snd_scale;
	v[CONN_FIELD_send_queued] = c->queue.bytes;
	v[CONN_FIELD_unsent] = conn_unsent(c);
	v[CONN_FIELD_pipe] = flight->pipe;
	v[CONN_FIELD_lost] = flight->lost;
	v[CONN_FIELD_sacked] = flight->sacked;
	v[CONN_FIELD_segments_out] = flight->sent_count;
	v[CONN_FIELD_fin_sent] = flag(c, CONN_FIN_SENT);
	v[CONN_FIELD_bytes_out] = c->bytes_out;
	v[CONN_FIELD_retransmits] = c->retransmits;
	v[CONN_FIELD_retries] = c->retries;
	v[CONN_FIELD_keep_alives] = c->keep_alives;
}

/* Before the peer's SYN nothing is known of its numbers; nor later, if it has refused. */
static void
receiving(const struct tcp_conn *c, uint64_t v[])
{
	bool synchronized = c->mss != 0;

	v[CONN_FIELD_irs] = synchronized ? c->irs : CONN_FIELD_NONE;
	v[CONN_FIELD_rcv_nxt] = synchronized ? c->rcv_nxt : CONN_FIELD_NONE;
	v[CONN_FIELD_rcv_acked] = synchronized ? c->rcv_acked : CONN_FIELD_NONE;
	v[CONN_FIELD_rcv_adv] = synchronized ? c->rcv_adv : CONN_FIELD_NONE;
	v[CONN_FIELD_rcv_wnd] = synchronized ? c->rcv_adv - c->rcv_nxt : CONN_FIELD_NONE;
	if (!synchronized)
		v[CONN_FIELD_snd_wl1] = CONN_FIELD_NONE;
	v[CONN_FIELD_rcv_limit] = c->rcv_limit;
	v[CONN_FIELD_rcv_scale] = c->rcv_scale;
	v[CONN_FIELD_receive_queued] = c->received.bytes;
	v[CONN_FIELD_islands] = c->flight->islands_count;
	v[CONN_FIELD_island_bytes] = c->flight->reassembly_bytes;
	v[CONN_FIELD_fin_received] = flag(c, CONN_EOF);
	v[CONN_FIELD_bytes_in] = c->bytes_in;
}

static uint64_t
recovery_word(const struct tcp_conn *c)
{
	switch (c->recovery) {
	case RECOVERY_FAST:
		return CONN_WORD_fast_recovery;
	case RECOVERY_RTO:
		return CONN_WORD_timeout_recovery;
	default:
		return c->cwnd < c->ssthresh ? CONN_WORD_slow_start
					     : CONN_WORD_congestion_avoidance;
	}
}

/* It begins when the handshake is complete. */
static void
congestion(const struct tcp_conn *c, uint64_t v[])
{
	static const uint8_t words[TCP_CC_COUNT] = {
		[TCP_CC_CUBIC] = CONN_WORD_cubic, [TCP_CC_NEWRENO] = CONN_WORD_newreno
	};
	const struct tcp_flight *flight = c->flight;
	bool recovering = c->recovery != RECOVERY_NONE, begun = c->cwnd != 0;

	v[CONN_FIELD_congestion_control] =
	    begun && c->cc < TCP_CC_COUNT ? words[c->cc] : CONN_FIELD_NONE;
	v[CONN_FIELD_recovery] = begun ? recovery_word(c) : CONN_FIELD_NONE;
	v[CONN_FIELD_cwnd] = begun ? c->cwnd : CONN_FIELD_NONE;
	v[CONN_FIELD_ssthresh] =
	    begun && c->ssthresh < SSTHRESH_NONE ? c->ssthresh : CONN_FIELD_NONE;
	v[CONN_FIELD_recovery_point] = recovering ? flight->recover : CONN_FIELD_NONE;
	v[CONN_FIELD_cwnd_limited] = flag(c, CONN_CWND_LIMITED);
	v[CONN_FIELD_ecn_echo] = flag(c, CONN_ECN_ECHO);
	v[CONN_FIELD_dup_acks] = flight->dup_acks;
	v[CONN_FIELD_prr_delivered] = recovering ? flight->prr_delivered : CONN_FIELD_NONE;
	v[CONN_FIELD_prr_out] = recovering ? flight->prr_out : CONN_FIELD_NONE;
}

static void
round_trips(const struct tcp_conn *c, uint64_t v[])
{
	uint32_t min_us = tcp_rtt_min_us(c);

	v[CONN_FIELD_srtt] = c->srtt_us ? c->srtt_us : CONN_FIELD_NONE;
	v[CONN_FIELD_rttvar] = c->srtt_us ? c->rttvar_us : CONN_FIELD_NONE;
	v[CONN_FIELD_min_rtt] = min_us != UINT32_MAX ? min_us : CONN_FIELD_NONE;
	v[CONN_FIELD_rto] = c->rto_us;
}

static void
rack(const struct tcp_conn *c, uint64_t v[])
{
	const struct tcp_flight *flight = c->flight;
	bool known = c->flags & CONN_RACK;

	v[CONN_FIELD_rack_end] = known ? flight->rack_end : CONN_FIELD_NONE;
	v[CONN_FIELD_rack_fack] = known ? flight->rack_fack : CONN_FIELD_NONE;
	v[CONN_FIELD_rack_rtt] = known ? flight->rack_rtt_us : CONN_FIELD_NONE;
	v[CONN_FIELD_rack_reordering] = flag(c, CONN_REORDERING);
	v[CONN_FIELD_rack_window] = c->rack_multiplier;
	v[CONN_FIELD_tlp_out] = flag(c, CONN_TLP);
	v[CONN_FIELD_tlp_end] = c->flags & CONN_TLP ? flight->tlp_end : CONN_FIELD_NONE;
}

static void
path(const struct tcp_conn *c, uint64_t v[], uint64_t now_us)
{
	static const uint8_t words[] = {
		[PATH_FULL] = CONN_WORD_path_full,
		[PATH_FOUND] = CONN_WORD_path_found,
		[PATH_SEARCHING] = CONN_WORD_path_searching,
		[PATH_PROBING] = CONN_WORD_path_probing,
	};
	bool agreed = c->mss > 0, searches = c->path >= PATH_SEARCHING;

	v[CONN_FIELD_path_mtu] = agreed ? tcp_path_mtu(c, c->mss) : CONN_FIELD_NONE;
	v[CONN_FIELD_path_search] = words[c->path];
	v[CONN_FIELD_path_mtu_max] = searches ? tcp_path_mtu(c, c->mss_high) : CONN_FIELD_NONE;
	v[CONN_FIELD_timer_path] = c->path == PATH_FOUND
				       ? left(c->path_due_s * UINT64_C(1000000), now_us)
				       : CONN_FIELD_NONE;
}

static void
timers(const struct tcp_conn *c, uint64_t v[], uint64_t now_us)
{
	static const uint8_t words[] = {
		[RETRANSMIT_RTO] = CONN_WORD_retransmission,
		[RETRANSMIT_PROBE] = CONN_WORD_tail_probe,
		[RETRANSMIT_REORDER] = CONN_WORD_reordering,
		[RETRANSMIT_PERSIST] = CONN_WORD_window_probe,
	};
	bool armed = c->due_us[TIMER_RETRANSMIT] != TCP_NEVER;

	v[CONN_FIELD_timer_retransmit] = left(c->due_us[TIMER_RETRANSMIT], now_us);
	v[CONN_FIELD_timer_retransmit_for] = armed && c->retransmit_kind < ARRAY_SIZE(words)
						 ? words[c->retransmit_kind]
						 : CONN_FIELD_NONE;
	v[CONN_FIELD_timer_rto] = left(c->rto_due_us, now_us);
	v[CONN_FIELD_timer_tail_probe] = left(c->flight->probe_due_us, now_us);
	v[CONN_FIELD_timer_reordering] = left(c->flight->reorder_due_us, now_us);
	v[CONN_FIELD_timer_delayed_ack] = left(c->due_us[TIMER_DELACK], now_us);
	v[CONN_FIELD_timer_life] = left(c->due_us[TIMER_LIFE], now_us);
	v[CONN_FIELD_timer_retry] = left(c->due_us[TIMER_RETRY], now_us);
	v[CONN_FIELD_timer_pacing] =
	    c->flight->pace_us > now_us ? c->flight->pace_us - now_us : CONN_FIELD_NONE;
}
