/*
 * The lists that a connection can be on, linked by index through the connections themselves:
 * adding, removing and asking take constant time, and a connection is on a list at most once.
 */
#include "dataplane/tcp/tcp_priv.h"

void
tcp_list_init(struct tcp *tcp)
{
	for (unsigned i = 0; i < LIST_COUNT; i++)
		tcp->lists[i] = (struct tcp_list){ .head = TCP_NONE, .tail = TCP_NONE };
}

bool
tcp_list_has(const struct tcp_conn *c, enum tcp_list_name name)
{
	return c->link[name].prev != c->id;
}

void
tcp_list_add(struct tcp *tcp, enum tcp_list_name name, struct tcp_conn *c)
{
	struct tcp_list *list = &tcp->lists[name];

	if (tcp_list_has(c, name))
		return;
	c->link[name] = (struct tcp_link){ .next = TCP_NONE, .prev = list->tail };
	if (list->tail == TCP_NONE)
		list->head = c->id;
	else
		conn_at(tcp, list->tail)->link[name].next = c->id;
	list->tail = c->id;
}

void
tcp_list_remove(struct tcp *tcp, enum tcp_list_name name, struct tcp_conn *c)
{
	struct tcp_list *list = &tcp->lists[name];
	struct tcp_link link = c->link[name];

	if (!tcp_list_has(c, name))
		return;
	if (link.prev == TCP_NONE)
		list->head = link.next;
	else
		conn_at(tcp, link.prev)->link[name].next = link.next;
	if (link.next == TCP_NONE)
		list->tail = link.prev;
	else
		conn_at(tcp, link.next)->link[name].prev = link.prev;
	c->link[name].prev = c->id;
}
