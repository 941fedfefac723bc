/*
 * What the port tests share: numbered frames, and a count of the buffers in use, so that a leak
 * fails a test.
 */
#ifndef TEST_UNIT_DRIVERS_PORT_PORT_TEST_H
#define TEST_UNIT_DRIVERS_PORT_PORT_TEST_H

#include <stdbool.h>
#include <stdint.h>

struct port;
struct rte_mbuf;

#define FRAME_BYTES 100u

/* Gives a frame whose bytes follow from its number. */
struct rte_mbuf *frame_numbered(uint32_t number, uint32_t len_bytes);
/* Its number, UINT32_MAX if any byte is not what frame_numbered wrote. Takes the frame. */
uint32_t frame_number(struct rte_mbuf *frame);
/* The same bytes in an mbuf chain of three. Takes the frame. */
struct rte_mbuf *frame_chained(struct rte_mbuf *frame);

/* Sends one frame, which must be taken. */
void port_send(struct port *port, struct rte_mbuf *frame, uint64_t now_us);
/* Receives one frame and gives its number; UINT32_MAX - 1 if there is none. */
#define FRAME_NONE (UINT32_MAX - 1)
uint32_t port_receive(struct port *port, uint64_t now_us);

/* mbufs of the test pool that somebody holds. */
unsigned mbufs_in_use(void);

#endif
