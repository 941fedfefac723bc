/*
 * What the requests of the other plane are answered (fw/abi/mailbox.h), in the control thread. What only
 * a worker knows is asked of it, and the request stays open until it has answered.
 */
#include <stdio.h>
#include <string.h>

#include "dataplane/control_priv.h"
#include "fw/abi/generation.h"
#include "fw/abi/ledger.h"

static bool
answer_adopt(struct control *c, const struct mailbox_request *request, struct mailbox_reply *reply);
static bool
ask_worker(struct control *c, const struct mailbox_request *request, struct mailbox_reply *reply);
static bool
answer_net(struct control *c, const struct mailbox_request *request, struct mailbox_reply *reply);
static bool answer_member(struct control *c, const struct mailbox_request *request,
			  struct mailbox_reply *reply);
static bool
answer_ping(struct control *c, const struct mailbox_request *request, struct mailbox_reply *reply);

/*
 * One adoption after the other, or two would take turns for ever; what is said of a member is said
 * of the generation that was asked for before. A worker has one question at a time.
 */
unsigned
control_line(void *context, const struct mailbox_request *request)
{
	switch (request->kind) {
	case MAILBOX_ADOPT:
	case MAILBOX_MEMBER:
		return 1;
	case MAILBOX_CONNECTIONS:
	case MAILBOX_CONNECTION:
	case MAILBOX_NEIGHBOURS:
	case MAILBOX_ROUTES:
	case MAILBOX_ADDRESSES:
		return request->worker < LIMIT_WORKERS ? 2 + request->worker : 0;
	case MAILBOX_TAP_START:
		return request->tap < TAP_KINDS ? 2 + LIMIT_WORKERS + request->tap : 0;
	default:
		return 0;
	}
}

bool
control_answer(void *context, const struct mailbox_request *request, struct mailbox_reply *reply)
{
	struct control *c = context;

	memset(reply, 0, offsetof(struct mailbox_reply, conn));
	reply->version = MAILBOX_VERSION;
	switch (request->kind) {
	case MAILBOX_ADOPT:
		return answer_adopt(c, request, reply);
	case MAILBOX_CONNECTIONS:
	case MAILBOX_CONNECTION:
		return ask_worker(c, request, reply);
	case MAILBOX_NEIGHBOURS:
	case MAILBOX_ROUTES:
	case MAILBOX_ADDRESSES:
		return answer_net(c, request, reply);
	case MAILBOX_MEMBER:
		return answer_member(c, request, reply);
	case MAILBOX_TAP_START:
		return control_tap_start(c, request, reply);
	case MAILBOX_TAP_READ:
		return control_tap_read(c, request, reply);
	case MAILBOX_TAP_STOP:
		return control_tap_stop(c, request, reply);
	case MAILBOX_PING:
		return answer_ping(c, request, reply);
	default:
		reply->err = ERR_invalid;
		return true;
	}
}

static const struct config_view *
current_view(const struct control *c)
{
	return c->live_count ? c->live[c->live_count - 1].view : NULL;
}

static bool
answer_adopt(struct control *c, const struct mailbox_request *request, struct mailbox_reply *reply)
{
	if (!current_view(c) || current_view(c)->gen->number != request->number) {
		reply->err = control_adopt(c, request->number, reply->text);
		if (reply->err)
			return true;
	}
	control_note_generation(c);
	if (c->running && !control_all_adopted(c))
		return false;
	snprintf(reply->text, sizeof reply->text, "%s", c->note);
	c->note[0] = '\0';
	return true;
}

static bool
ask_worker(struct control *c, const struct mailbox_request *request, struct mailbox_reply *reply)
{
	uint32_t w = request->worker;

	if (w >= c->worker_count) {
		reply->err = ERR_not_found;
		return true;
	}
	if (worker_answered(c->workers[w], reply))
		return true;
	worker_ask(c->workers[w], (enum mailbox_kind)request->kind, request->from);
	return false;
}

/* Worker 0 has the neighbours; what others know is what it told them. */
static bool
answer_net(struct control *c, const struct mailbox_request *request, struct mailbox_reply *reply)
{
	if (request->worker == 0)
		return ask_worker(c, request, reply);
	reply->err = ERR_invalid;
	snprintf(reply->text, sizeof reply->text, "worker 0 alone knows");
	return true;
}

static const struct gen_member *
find_member(const struct config_view *view, uint64_t owner)
{
	const struct gen_member *member = view ? generation_members(view->gen) : NULL;

	for (uint32_t i = 0; view && i < view->gen->members.count; i++, member++)
		if (member->owner == owner)
			return member;
	return NULL;
}

static void
set_admin(struct control *c, struct health_admin *admin, enum member_admin state,
	  const struct gen_member *member)
{
	const struct generation *gen = current_view(c)->gen;
	struct str pool = generation_str(gen, generation_pools(gen)[member->pool].name);
	struct ledger_record record = {
		.unix_us = control_clock_us(CLOCK_REALTIME),
		.address = member->endpoint.addr,
		.port = member->endpoint.port,
		.kind = LEDGER_ADMIN,
		.from = admin->state,
		.to = (uint8_t)state,
	};

	if (admin->state == state)
		return;
	memcpy(record.name, pool.at, RTE_MIN(pool.len, sizeof record.name - 1));
	ledger_add(&c->health->ledger[LEDGER_CONTROL], &record);
	admin->changed_unix_us = record.unix_us;
	__atomic_store_n(&admin->state, (uint8_t)state, __ATOMIC_RELEASE);
	for (uint32_t w = 0; w < c->worker_count; w++)
		worker_look_again(c->workers[w]);
}

static bool
answer_member(struct control *c, const struct mailbox_request *request, struct mailbox_reply *reply)
{
	const struct gen_member *member = find_member(current_view(c), request->owner);
	struct health_admin *admin = member ? health_admin_claim(c->health, member->owner) : NULL;

	if (request->admin >= MEMBER_ADMIN_COUNT) {
		reply->err = ERR_invalid;
		snprintf(reply->text, sizeof reply->text, "%u is no administrative state",
			 request->admin);
	} else if (!member) {
		reply->err = ERR_not_found;
		snprintf(reply->text, sizeof reply->text,
			 "the generation that runs has no such member");
	} else if (!admin) {
		reply->err = ERR_no_memory;
		snprintf(reply->text, sizeof reply->text,
			 "the table of administrative states is full (%u entries)", HEALTH_ENTRIES);
	} else {
		set_admin(c, admin, (enum member_admin)request->admin, member);
	}
	return true;
}

static bool
plan_is_good(const struct ping_plan *plan)
{
	return !addr_is_unspecified(&plan->to) && !addr_is_multicast(&plan->to) &&
	       !addr_is_loopback(&plan->to) && plan->payload_bytes <= PING_BYTES_MAX &&
	       plan->hop_limit >= 1 && plan->hop_limit <= 255 &&
	       plan->timeout_ms >= PING_TIMEOUT_MIN && plan->timeout_ms <= PING_TIMEOUT_MAX;
}

/* Who has asked may be gone meanwhile: the request is answered all the same, which frees its slot. */
static bool
answer_ping(struct control *c, const struct mailbox_request *request, struct mailbox_reply *reply)
{
	unsigned slot, free_slot = PING_SLOTS;

	if (request->number == 0 || !plan_is_good(&request->ping)) {
		reply->err = ERR_invalid;
		snprintf(reply->text, sizeof reply->text, "no host can be asked that way");
		return true;
	}
	for (slot = 0; slot < PING_SLOTS && c->pings[slot] != request->number; slot++)
		if (!c->pings[slot])
			free_slot = slot;
	if (slot < PING_SLOTS) {
		if (!worker_ping_answered(c->workers[0], slot, &reply->ping))
			return false;
		c->pings[slot] = 0;
		return true;
	}
	if (free_slot == PING_SLOTS || !c->running ||
	    !worker_ping(c->workers[0], free_slot, &request->ping)) {
		reply->err = ERR_busy;
		snprintf(reply->text, sizeof reply->text, "%u probes are under way already",
			 PING_SLOTS);
		return true;
	}
	c->pings[free_slot] = request->number;
	return false;
}
