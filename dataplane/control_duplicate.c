/*
 * Tells the operator of own addresses that another machine has, too: a line when one is found, and one when it is over.
 * Worker 0 finds them (net/claim.c) and publishes them; the control thread looks once a tick.
 */
#include <stdio.h>
#include <string.h>

#include "dataplane/control_priv.h"
#include "dataplane/net/neighbour_table.h"
#include "fw/abi/generation.h"

static bool
has(const struct duplicate_view *views, uint32_t count, const struct duplicate_view *wanted);
static void say(const struct control *c, const struct duplicate_view *duplicate, bool is_found);
static const char *port_name(const struct control *c, uint32_t port);

void
control_note_duplicates(struct control *c)
{
	struct duplicate_view now[NET_DUPLICATES];
	uint32_t count = c->neighbours ? neighbour_table_duplicates(c->neighbours, now) : 0;

	for (uint32_t i = 0; i < count; i++)
		if (!has(c->duplicates, c->duplicate_count, &now[i]))
			say(c, &now[i], true);
	for (uint32_t i = 0; i < c->duplicate_count; i++)
		if (!has(now, count, &c->duplicates[i]))
			say(c, &c->duplicates[i], false);
	memcpy(c->duplicates, now, count * sizeof *now);
	c->duplicate_count = count;
}

static bool
has(const struct duplicate_view *views, uint32_t count, const struct duplicate_view *wanted)
{
	for (uint32_t i = 0; i < count; i++)
		if (views[i].port == wanted->port && addr_equal(&views[i].addr, &wanted->addr))
			return true;
	return false;
}

static void
say(const struct control *c, const struct duplicate_view *duplicate, bool is_found)
{
	char text[ADDR_TEXT_MAX];
	uint8_t mac[6];

	memcpy(mac, &duplicate->mac, sizeof mac);
	addr_format(&duplicate->addr, text);
	if (is_found)
		fprintf(stderr,
			"fairlead-dataplane: port %s: address %s is also that of "
			"%02x:%02x:%02x:%02x:%02x:%02x; it is not used until that one is gone\n",
			port_name(c, duplicate->port), text, mac[0], mac[1], mac[2], mac[3], mac[4],
			mac[5]);
	else
		fprintf(stderr,
			"fairlead-dataplane: port %s: address %s is no duplicate any more\n",
			port_name(c, duplicate->port), text);
}

static const char *
port_name(const struct control *c, uint32_t port)
{
	const struct generation *gen = c->live_count ? c->live[c->live_count - 1].view->gen : NULL;

	if (!gen || port >= gen->ports.count)
		return "?";
	return generation_text(gen, generation_ports(gen)[port].name);
}
