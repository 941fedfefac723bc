/*
 * The surroundings of a data plane for the targets that have one: two ports, shared pages, and what workers see of a
 * configuration:
 *
 *	port 0: 10.0.0.1/24, fd00::1/64       clients, the default routes by .2
 *	port 1: 10.0.1.1/24, fd00:1::1/64     members
 */
#ifndef TEST_FUZZ_BOX_H
#define TEST_FUZZ_BOX_H

#include "dataplane/config_view.h"
#include "test/fuzz/fuzz.h"
#include "test/fuzz/packets.h"

#define BOX_PORTS     2u
#define BOX_MTU_BYTES 1500u
/* The start of each configuration: ports and routes. */
#define BOX_TEXT                                                                                   \
	"version = 1;\n"                                                                           \
	"ports = ( { name = \"p0\"; addresses = [ \"10.0.0.1/24\", \"fd00::1/64\" ]; },\n"         \
	"          { name = \"p1\"; addresses = [ \"10.0.1.1/24\", \"fd00:1::1/64\" ]; } );\n"     \
	"routes = ( { to = \"0.0.0.0/0\"; via = \"10.0.0.2\"; }, { to = \"::/0\"; via = "          \
	"\"fd00::2\"; } );\n"

struct fuzz_box {
	struct port port[BOX_PORTS];
	struct port *ports[BOX_PORTS];
	struct stats *stats;
	struct health_table *health;
};

/* Names the ports; ops says how they receive and send (NULL: they don't). Borrows ops. */
void fuzz_box_init(struct fuzz_box *box, const struct port_ops *ops);
/* For a port's info. */
void fuzz_box_info(struct port *port, struct port_info *info);
void fuzz_box_mac(unsigned port, uint8_t mac[6]);
/* The peer that all frames to a port come from. */
void fuzz_peer_mac(unsigned port, uint8_t mac[6]);
/* Takes gen. Gives, for the life of the process. */
struct config_view *fuzz_box_view(struct fuzz_box *box, const struct generation *gen);
/* Makes the view as if nobody had ever used it: what is known of its members is forgotten. */
void fuzz_box_view_reset(struct fuzz_box *box, struct config_view *view);
/* Whether a is an address of a port or of a virtual server of the view (context). */
bool fuzz_box_is_ours(void *view, const struct addr *a);

#endif
