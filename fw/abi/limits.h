/*
 * Sizes that both planes agree on. What the data plane takes at start is counted from these; a
 * configuration that needs more is refused by mgmt with the limit's name.
 */
#ifndef FW_ABI_LIMITS_H
#define FW_ABI_LIMITS_H

#define LIMIT_WORKERS    16u
#define LIMIT_PORTS      16u /* front-panel ports: devices */
#define LIMIT_BONDS      8u  /* several ports as one */
#define LIMIT_BOND_PORTS 8u  /* of one bond */
#define LIMIT_VLANS      40u /* all ports and bonds together */
#define LIMIT_INTERFACES                                                                           \
	64u /* rows of a generation's ports: LIMIT_PORTS + LIMIT_BONDS + LIMIT_VLANS */
#define LIMIT_VLAN_TAG         4094u
#define LIMIT_ADDRESSES        256u /* own addresses, all ports and VLANs together */
#define LIMIT_ROUTES           256u
#define LIMIT_GATEWAYS         8u  /* of one route */
#define LIMIT_MANAGEMENT       16u /* addresses of the management port */
#define LIMIT_MONITORS         1024u
#define LIMIT_TCP_PROFILES     64u
#define LIMIT_POOLS            2048u
#define LIMIT_MEMBERS          16384u /* all pools together */
#define LIMIT_VIRTUAL_SERVERS  2048u
#define LIMIT_NAME_BYTES       63u   /* a name in the configuration, without NUL */
#define LIMIT_PATH_BYTES       255u  /* a monitor's request path */
#define LIMIT_HOST_BYTES       253u  /* a monitor's Host field (RFC 1035: a domain name as text) */
#define LIMIT_HEADERS_BYTES    1023u /* a monitor's further fields, all together, with line ends */
#define LIMIT_BODY_MATCH_BYTES 255u  /* what a monitor looks for in a body */
#define LIMIT_PORT_NAME_BYTES  15u   /* a port's name, as the kernel limits an interface's */
#define LIMIT_BOND_NAME_BYTES  13u /* a bond's: its ports are called by it, with a number behind */
#define LIMIT_SERVICE_PORT_NAME_BYTES                                                              \
	11u /* of a port with services: the kernel's interface is called tap- and its name */
#define LIMIT_MTU_MIN        1280u    /* IPv6 asks for it (RFC 8200 section 5) */
#define LIMIT_MTU_MAX        9000u    /* one packet is one buffer; of which size is said at start */
#define LIMIT_WEIGHT         1000u    /* of a member */
#define LIMIT_CONNECTIONS    1000000u /* a connection limit, or kept connections, of a member */
#define LIMIT_MAGLEV_SLOTS   65537u   /* of one pool's table */
#define LIMIT_TIME_MS        86400000u /* any interval or timeout: a day */
#define LIMIT_TCP_BUFFER_MIN 4096u     /* bytes, of a connection's buffer in either direction */
#define LIMIT_TCP_BUFFER_MAX (16u << 20)
#define LIMIT_DELAYED_ACK_MS 499u /* below half a second (RFC 9293 section 3.8.6.3) */
#define LIMIT_TCP_RETRIES    30u
#define LIMIT_SEGMENT_MIN                                                                          \
	536u /* bytes of a segment that a profile may ask for: RFC 9293 section 3.7.1 */
#define LIMIT_SEGMENT_MAX      65495u /* an IPv4 packet without its headers */
#define LIMIT_KEEP_ALIVE_MIN   1000u  /* milliseconds between two probes of a silent peer */
#define LIMIT_GENERATION_BYTES (64u << 20)
#define LIMIT_GENERATIONS_LIVE 64u /* adopted and still held by a session */

#endif
