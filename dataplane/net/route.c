/*
 * Which addresses are ours, and where others are reached: longest prefix match over the ports' prefixes and the configured
 * routes. The match is a plain scan of a few rows (route_lookup, the one place to put rte_lpm); the path does not
 * see it, since route_output remembers the answer for each destination until the configuration changes.
 *
 * RFC 1122 3.3.1, RFC 4861 5.2 (next-hop determination, destination cache).
 */
#include "dataplane/net/net_priv.h"

#define OWN_KEY0                                                                                   \
	0x9e3779b97f4a7c15u /* the set holds configured addresses only: no secret is needed */
#define OWN_KEY1 0xd6e8feb86659fd93u

static struct addr link_local_of(uint64_t mac);
static void port_address_add(struct net *net, const struct addr *a, unsigned port, bool broadcast);
static struct port_address *
port_address_find(const struct net *net, const struct addr *a, bool broadcast);
static void broadcasts_add(struct net *net, const struct gen_address *address);
static bool is_link_local_of(const struct net *net, const struct addr *a, unsigned port);
static struct destination *destination_slot(struct net *net, const struct addr *dst);
static bool recall(struct net *net, const struct destination *d, struct packet *p);
static bool recall_published(struct net *net, struct destination *d, struct packet *p);
static void find_neighbour(struct net *net, struct destination *d, const struct addr *dst);
static void find_published(struct net *net, struct destination *d, const struct addr *dst);

void
net_config_own_add(struct net_config *config, const struct addr *a)
{
	uint32_t slot = addr_hash(a, OWN_KEY0, OWN_KEY1) & config->own_mask;

	while (!addr_equal(&config->own[slot], &addr_any)) {
		if (addr_equal(&config->own[slot], a))
			return;
		slot = (slot + 1) & config->own_mask;
	}
	config->own[slot] = *a;
}

bool
net_config_own_has(const struct net_config *config, const struct addr *a)
{
	uint32_t slot;

	if (!config->own || addr_equal(a, &addr_any))
		return false;
	slot = addr_hash(a, OWN_KEY0, OWN_KEY1) & config->own_mask;
	for (; !addr_equal(&config->own[slot], &addr_any); slot = (slot + 1) & config->own_mask)
		if (addr_equal(&config->own[slot], a))
			return true;
	return false;
}

void
route_configure(struct net *net)
{
	const struct generation *gen = net->config->generation;
	const struct gen_address *addresses = generation_addresses(gen);

	memset(net->port_addresses, 0, sizeof net->port_addresses);
	ASSERT(gen->addresses.count <= LIMIT_ADDRESSES);
	for (uint32_t i = 0; i < gen->addresses.count; i++)
		port_address_add(net, &addresses[i].addr, addresses[i].port, false);
	for (uint32_t i = 0; i < gen->addresses.count; i++)
		broadcasts_add(net, &addresses[i]);
	for (unsigned port = 0; port < LIMIT_INTERFACES; port++)
		net->link_local[port] = link_local_of(net->port_mac[port]);
}

/* fe80::/64 and the modified EUI-64 of the MAC address (RFC 4291 2.5.6, appendix A). */
static struct addr
link_local_of(uint64_t mac)
{
	struct addr a = { .byte = { 0xfe, 0x80, [11] = 0xff, [12] = 0xfe } };
	uint8_t bytes[6];

	mac_store(bytes, mac);
	memcpy(&a.byte[8], bytes, 3);
	memcpy(&a.byte[13], bytes + 3, 3);
	a.byte[8] ^= 0x02;
	return a;
}

/* Where a prefix has them (RFC 3021: one of 31 bits has none). */
static void
broadcasts_add(struct net *net, const struct gen_address *address)
{
	uint32_t host_bits, prefix = be32_to(addr_to_v4(&address->addr));
	struct addr ones, zeroes;

	if (!addr_is_v4(&address->addr) || address->prefix_len > 30)
		return;
	host_bits = UINT32_MAX >> address->prefix_len;
	ones = addr_from_v4(be32_from(prefix | host_bits));
	zeroes = addr_from_v4(be32_from(prefix & ~host_bits));
	port_address_add(net, &ones, address->port, true);
	port_address_add(net, &zeroes, address->port, true);
}

static void
port_address_add(struct net *net, const struct addr *a, unsigned port, bool broadcast)
{
	uint32_t slot = addr_hash(a, OWN_KEY0, OWN_KEY1) & (PORT_ADDRESS_SLOTS - 1);

	while (net->port_addresses[slot].used)
		slot = (slot + 1) & (PORT_ADDRESS_SLOTS - 1);
	net->port_addresses[slot] = (struct port_address){
		.addr = *a, .used = true, .broadcast = broadcast, .port = (uint8_t)port
	};
}

struct port_address *
route_port_address(const struct net *net, const struct addr *a)
{
	return port_address_find(net, a, false);
}

static struct port_address *
port_address_find(const struct net *net, const struct addr *a, bool broadcast)
{
	uint32_t slot = addr_hash(a, OWN_KEY0, OWN_KEY1) & (PORT_ADDRESS_SLOTS - 1);

	for (; net->port_addresses[slot].used; slot = (slot + 1) & (PORT_ADDRESS_SLOTS - 1))
		if (net->port_addresses[slot].broadcast == broadcast &&
		    addr_equal(&net->port_addresses[slot].addr, a))
			return (struct port_address *)&net->port_addresses[slot];
	return NULL;
}

static bool
is_link_local_of(const struct net *net, const struct addr *a, unsigned port)
{
	return addr_is_link_local_v6(a) && port < LIMIT_INTERFACES &&
	       addr_equal(a, &net->link_local[port]);
}

/* A packet may come in by another port than the one that has the address (RFC 1122 3.3.4.2, weak end system). */
bool
route_is_own(const struct net *net, const struct addr *a, unsigned port)
{
	if (net_config_own_has(net->config, a) || port_address_find(net, a, false))
		return true;
	return is_link_local_of(net, a, port);
}

bool
route_is_broadcast(const struct net *net, const struct addr *a)
{
	return port_address_find(net, a, true) != NULL;
}

bool
route_is_own_on(const struct net *net, const struct addr *a, unsigned port)
{
	return route_has_on(net, a, port) && !claim_is_duplicate(net, a, port);
}

bool
route_has_on(const struct net *net, const struct addr *a, unsigned port)
{
	const struct port_address *own = port_address_find(net, a, false);

	if (own)
		return own->port == port;
	if (net_config_own_has(net->config, a))
		return route_connected(net, port, a) != NULL;
	return is_link_local_of(net, a, port);
}

const struct gen_address *
route_connected(const struct net *net, unsigned port, const struct addr *a)
{
	const struct generation *gen = net->config->generation;
	const struct gen_address *addresses = generation_addresses(gen);
	const struct gen_port *gen_port;

	if (port >= net->config->port_count)
		return NULL;
	gen_port = &generation_ports(gen)[port];
	for (uint32_t i = 0; i < gen_port->address_count; i++) {
		const struct gen_address *own = &addresses[gen_port->first_address + i];

		if (addr_in_prefix(a, &own->addr, own->prefix_len))
			return own;
	}
	return NULL;
}

bool
route_lookup(const struct net *net, const struct addr *dst, uint8_t *port, struct addr *hop)
{
	const struct generation *gen = net->config->generation;
	const struct gen_address *addresses = generation_addresses(gen);
	const struct gen_route *routes = generation_routes(gen);
	int best = -1;

	if (addr_is_multicast(dst) || addr_is_unspecified(dst) || addr_is_loopback(dst))
		return false;
	if (addr_is_link_local_v6(dst)) {
		*hop = *dst;
		return *port < LIMIT_INTERFACES && net->port_mac[*port] != MAC_UNUSABLE;
	}
	for (uint32_t i = 0; i < gen->addresses.count; i++) {
		const struct gen_address *a = &addresses[i];

		if ((int)a->prefix_len <= best || net->port_mac[a->port] == MAC_UNUSABLE)
			continue;
		if (addr_in_prefix(dst, &a->addr, a->prefix_len)) {
			best = (int)a->prefix_len;
			*port = (uint8_t)a->port;
			*hop = *dst;
		}
	}
	for (uint32_t i = 0; i < gen->routes.count && (int)routes[i].prefix_len > best; i++) {
		const struct gen_route *r = &routes[i];
		const struct gen_gateway *gateway;

		if (!addr_in_prefix(dst, &r->to, r->prefix_len))
			continue;
		gateway = gateway_choose(net, r, dst);
		if (!gateway)
			continue;
		best = (int)r->prefix_len;
		*port = (uint8_t)gateway->port;
		*hop = gateway->addr;
	}
	return best >= 0;
}

/* Common case: one lookup by destination, which names the neighbour. */
bool
route_output(struct net *net, struct rte_mbuf *m)
{
	struct packet *p = packet_of(m);
	struct destination *d = destination_slot(net, &p->dst);

	net->hop.packet = m;
	if (d->epoch == net->epoch && addr_equal(&d->addr, &p->dst) &&
	    (net->reads ? recall_published(net, d, p) : recall(net, d, p)))
		return true;
	if (route_is_own(net, &p->dst, p->port) ||
	    !route_lookup(net, &p->dst, &p->port, &net->hop.addr))
		return false;
	net->hop.port = p->port;
	if (addr_is_link_local_v6(&p->dst)) /* that one may be on any port */
		d = NULL;
	if (net->reads)
		find_published(net, d, &p->dst);
	else
		find_neighbour(net, d, &p->dst);
	return true;
}

/* While a neighbour is silent the way is looked for anew: the route may have another gateway, which answers. */
static bool
recall(struct net *net, const struct destination *d, struct packet *p)
{
	struct neighbour *n = pool_at(&net->neighbours, d->neighbour);

	if (n->serial != d->serial || !neighbour_state_is_good(n->state))
		return false;
	net->hop.neighbour = n;
	p->port = n->port;
	return true;
}

static bool
recall_published(struct net *net, struct destination *d, struct packet *p)
{
	if (!neighbour_table_read(net->table, d->neighbour, &net->hop.view) ||
	    net->hop.view.serial != d->serial || !neighbour_state_is_good(net->hop.view.state))
		return false;
	net->hop.published = true;
	net->hop.destination = d;
	p->port = net->hop.view.port;
	return true;
}

static void
find_neighbour(struct net *net, struct destination *d, const struct addr *dst)
{
	struct neighbour *n = neighbour_find(net, &net->hop.addr, net->hop.port);

	net->hop.neighbour = n;
	if (n && d)
		*d = (struct destination){
			.addr = *dst,
			.neighbour = pool_index(&net->neighbours, n),
			.serial = n->serial,
			.epoch = net->epoch,
		};
}

static void
find_published(struct net *net, struct destination *d, const struct addr *dst)
{
	const struct neighbour_view *view = &net->hop.view;

	net->hop.destination = d;
	net->hop.published =
	    neighbour_table_find(net->table, &net->hop.addr, net->hop.port, &net->hop.view);
	if (net->hop.published && d)
		*d = (struct destination){
			.addr = *dst,
			.neighbour = view->index,
			.serial = view->serial,
			.epoch = net->epoch,
		};
}

/* Only of what has been sent to lately: who has much to send has been. */
bool
net_cuts(struct net *net, const struct addr *dst)
{
	struct packet p = { 0 };
	struct destination *d;

	if (!net->any_cuts)
		return false;
	d = destination_slot(net, dst);
	if (d->epoch != net->epoch || !addr_equal(&d->addr, dst) ||
	    !(net->reads ? recall_published(net, d, &p) : recall(net, d, &p)))
		return false;
	return net->config->ports[p.port].offloads & PORT_OFFLOAD_TSO;
}

static struct destination *
destination_slot(struct net *net, const struct addr *dst)
{
	return &net->destinations[addr_hash(dst, net->hash_key[0], net->hash_key[1]) &
				  (DESTINATIONS - 1)];
}

enum err
net_source_addr(const struct net *net, const struct addr *dst, struct addr *src)
{
	const struct generation *gen = net->config->generation;
	const struct gen_address *addresses = generation_addresses(gen);
	const struct gen_address *connected;
	struct addr hop;
	uint8_t port;

	if (addr_is_link_local_v6(dst) || !route_lookup(net, dst, &port, &hop))
		return ERR_no_route;
	connected = route_connected(net, port, &hop);
	if (connected && addr_is_v4(&connected->addr) == addr_is_v4(dst) &&
	    !claim_is_duplicate(net, &connected->addr, port)) {
		*src = connected->addr;
		return ERR_ok;
	}
	for (uint32_t i = 0; i < gen->addresses.count; i++) {
		if (addresses[i].port == port &&
		    addr_is_v4(&addresses[i].addr) == addr_is_v4(dst) &&
		    !claim_is_duplicate(net, &addresses[i].addr, port)) {
			*src = addresses[i].addr;
			return ERR_ok;
		}
	}
	return ERR_no_route;
}

/* RFC 9293 3.7.1: without options; where nothing is known, the smallest MTU that each family must carry. */
uint16_t
net_mss(const struct net *net, const struct addr *dst)
{
	bool v4 = addr_is_v4(dst);
	uint16_t headers = v4 ? sizeof(struct ipv4_header) + 20 : sizeof(struct ipv6_header) + 20;
	struct addr hop;
	uint8_t port;

	if (addr_is_link_local_v6(dst) || !route_lookup(net, dst, &port, &hop))
		return v4 ? 536 : 1220;
	return (uint16_t)(net->config->ports[port].mtu_bytes - headers);
}
