/*
 * Options of the sockets of libfairlead-tcp.so, and what can be seen of stack and connections.
 */
#include <errno.h>
#include <string.h>

#include <rte_mempool.h>

#include "test/driver/stack.h"
#include "test/sim/pool_ops.h"

#define BUFFER_MAX      (1u << 30)
#define DELAYED_ACK_MAX 499999u

/* Where an option's value lies in a profile: one of the two is set. */
static uint32_t *
number_in(struct tcp_profile *p, enum fairlead_tcp_option option)
{
	switch (option) {
	case FAIRLEAD_TCP_OPTION_RECEIVE_BUFFER:
		return &p->receive_buffer_bytes;
	case FAIRLEAD_TCP_OPTION_SEND_BUFFER:
		return &p->send_buffer_bytes;
	case FAIRLEAD_TCP_OPTION_KEEP_ALIVE_IDLE_MS:
		return &p->keep_alive_idle_ms;
	case FAIRLEAD_TCP_OPTION_KEEP_ALIVE_INTERVAL_MS:
		return &p->keep_alive_interval_ms;
	case FAIRLEAD_TCP_OPTION_KEEP_ALIVE_PROBES:
		return &p->keep_alive_probes;
	case FAIRLEAD_TCP_OPTION_USER_TIMEOUT_MS:
		return &p->user_timeout_ms;
	case FAIRLEAD_TCP_OPTION_SYN_RETRIES:
		return &p->syn_retries;
	case FAIRLEAD_TCP_OPTION_DATA_RETRIES:
		return &p->data_retries;
	case FAIRLEAD_TCP_OPTION_DELAYED_ACK_US:
		return &p->delayed_ack_us;
	default:
		return NULL;
	}
}

static bool *
flag_in(struct tcp_profile *p, struct socket *so, enum fairlead_tcp_option option)
{
	switch (option) {
	case FAIRLEAD_TCP_OPTION_NODELAY:
		return &p->nagle;
	case FAIRLEAD_TCP_OPTION_ECN:
		return &p->ecn;
	case FAIRLEAD_TCP_OPTION_PACING:
		return &p->pacing;
	case FAIRLEAD_TCP_OPTION_FAST_OPEN:
		return &p->fast_open;
	case FAIRLEAD_TCP_OPTION_ABORT:
		return &so->abort;
	default:
		return NULL;
	}
}

static bool
number_is_good(enum fairlead_tcp_option option, uint32_t value)
{
	switch (option) {
	case FAIRLEAD_TCP_OPTION_RECEIVE_BUFFER:
	case FAIRLEAD_TCP_OPTION_SEND_BUFFER:
		return value >= TCP_BUFFER_MIN && value <= BUFFER_MAX;
	case FAIRLEAD_TCP_OPTION_DELAYED_ACK_US:
		return value <= DELAYED_ACK_MAX;
	case FAIRLEAD_TCP_OPTION_KEEP_ALIVE_INTERVAL_MS:
		return value >= 1;
	case FAIRLEAD_TCP_OPTION_KEEP_ALIVE_PROBES: /* they are counted in eight bits */
		return value >= 1 && value <= UINT8_MAX;
	case FAIRLEAD_TCP_OPTION_SYN_RETRIES:
	case FAIRLEAD_TCP_OPTION_DATA_RETRIES:
		return value <= UINT8_MAX;
	default:
		return true;
	}
}

int
fairlead_tcp_set_option(struct fairlead_tcp *t, int s, enum fairlead_tcp_option option,
			uint32_t value)
{
	struct socket *so = driver_socket(t, s);
	struct tcp_profile *p;
	uint32_t *number;
	bool *flag;

	if (!so)
		return -EBADF;
	p = &t->profile[s];
	number = number_in(p, option);
	flag = flag_in(p, so, option);
	if (!number && !flag && option != FAIRLEAD_TCP_OPTION_CONGESTION)
		return -ENOPROTOOPT;
	if (number ? !number_is_good(option, value) : value > 1)
		return -EINVAL;
	if (number)
		*number = value;
	else if (flag)
		*flag = option == FAIRLEAD_TCP_OPTION_NODELAY ? !value : value;
	else
		p->cc = value ? TCP_CC_NEWRENO : TCP_CC_CUBIC;
	tcp_set_profile(t->tcp, (uint32_t)s, p);
	return 0;
}

int
fairlead_tcp_get_option(const struct fairlead_tcp *t, int s, enum fairlead_tcp_option option,
			uint32_t *value)
{
	struct socket *so = driver_socket(t, s);
	struct tcp_profile p;
	const uint32_t *number;
	const bool *flag;

	if (!so)
		return -EBADF;
	p = t->profile[s];
	number = number_in(&p, option);
	flag = flag_in(&p, so, option);
	if (!number && !flag && option != FAIRLEAD_TCP_OPTION_CONGESTION)
		return -ENOPROTOOPT;
	if (number)
		*value = *number;
	else if (flag)
		*value = option == FAIRLEAD_TCP_OPTION_NODELAY ? !*flag : *flag;
	else
		*value = p.cc == TCP_CC_NEWRENO;
	return 0;
}

/* ---- what can be seen ---- */

int
fairlead_tcp_field(const struct fairlead_tcp *t, int s, uint32_t index, uint64_t now_us,
		   struct fairlead_tcp_field *field)
{
	const struct socket *so = driver_socket(t, s);
	const struct conn_field_info *info =
	    &conn_field_infos[index < CONN_FIELD_COUNT ? index : 0];
	struct conn_fields fields;

	if (!so)
		return -EBADF;
	if (so->use != SOCKET_CONNECTION)
		return -ENOTCONN;
	if (index >= CONN_FIELD_COUNT)
		return -ENOENT;
	if (!tcp_fields(t->tcp, so->id, &fields, now_us > t->now_us ? now_us : t->now_us))
		return -ENOTCONN;
	*field = (struct fairlead_tcp_field){ .name = info->name,
					      .unit = info->unit,
					      .value = fields.value[index] };
	if (conn_field_unit(index) == CONN_UNIT_WORD && field->value != CONN_FIELD_NONE)
		field->text = conn_word_text(fields.value[index]);
	return 0;
}

int
fairlead_tcp_field_named(const struct fairlead_tcp *t, int s, const char *name, uint64_t now_us,
			 struct fairlead_tcp_field *field)
{
	for (uint32_t i = 0; i < CONN_FIELD_COUNT; i++)
		if (strcmp(conn_field_infos[i].name, name) == 0)
			return fairlead_tcp_field(t, s, i, now_us, field);
	return driver_socket(t, s) ? -ENOENT : -EBADF;
}

uint64_t
fairlead_tcp_counter(const struct fairlead_tcp *t, const char *name)
{
	for (unsigned i = 0; i < COUNTER_COUNT; i++)
		if (strcmp(counter_infos[i].name, name) == 0)
			return t->stats->counter[i];
	return UINT64_MAX;
}

const char *
fairlead_tcp_drop(const struct fairlead_tcp *t, int index, uint64_t *count)
{
	if (index <= 0 || index >= DROP_COUNT)
		return NULL;
	if (count)
		*count = t->stats->drop[index];
	return drop_infos[index].name;
}

uint32_t
fairlead_tcp_open_count(const struct fairlead_tcp *t)
{
	return tcp_open_count(t->tcp);
}

uint32_t
fairlead_tcp_packets_used(const struct fairlead_tcp *t)
{
	return rte_mempool_in_use_count(t->mbufs);
}

void
fairlead_tcp_check(const struct fairlead_tcp *t)
{
	tcp_check(t->tcp, t->now_us);
}

void
fairlead_tcp_hide_packets(struct fairlead_tcp *t, uint32_t count)
{
	pool_hide(t->mbufs, count);
}
