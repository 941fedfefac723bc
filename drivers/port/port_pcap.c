/*
 * A wrapper that writes every frame of a port to a pcap file (the classic format with nanosecond
 * magic; timestamps are now_us as given to rx and tx, so virtual time in simulations). For tests
 * and labs: it writes files on the path, and queues take turns by stdio's lock. Directions are not
 * told apart; MAC addresses do that.
 *
 * A full disk ends the recording, never the traffic.
 */
#include <rte_mbuf.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "drivers/port/port_impl.h"

#define PCAP_MAGIC_NS          0xa1b23c4du
#define PCAP_LINKTYPE_ETHERNET 1u
#define BUFFER_BYTES           65536u

struct pcap_file_header {
	uint32_t magic;
	uint16_t major, minor;
	uint32_t zone, accuracy;
	uint32_t snap_len;
	uint32_t linktype;
};

struct pcap_record_header {
	uint32_t seconds, nanoseconds;
	uint32_t stored_len, wire_len;
};

struct pcap {
	FILE *file;
	long end;    /* bytes of the file that count; a record behind it was not sent after all */
	bool broken; /* writing failed */
	char buffer[BUFFER_BYTES]; /* stdio's, so that it takes none from libc on the path */
};

static uint16_t
pcap_rx(struct port *port, uint16_t queue, struct rte_mbuf **burst, uint16_t n, uint64_t now_us);
static uint16_t
pcap_tx(struct port *port, uint16_t queue, struct rte_mbuf **burst, uint16_t n, uint64_t now_us);
static void record(struct pcap *pcap, const struct rte_mbuf *frame, uint64_t now_us);
static long record_bytes(const struct rte_mbuf *frame);
static uint64_t pcap_next_us(struct port *port);
static void pcap_info(struct port *port, struct port_info *info);
static void pcap_close(struct port *port);

static const struct port_ops pcap_ops = {
	.rx = pcap_rx,
	.tx = pcap_tx,
	.info = pcap_info,
	.close = pcap_close,
	.next_us = pcap_next_us,
};

enum err
port_pcap_wrap(struct port *inner, const char *path, struct port **out, char *why,
	       unsigned why_bytes)
{
	static const struct pcap_file_header header = { .magic = PCAP_MAGIC_NS,
							.major = 2,
							.minor = 4,
							.snap_len = UINT16_MAX,
							.linktype = PCAP_LINKTYPE_ETHERNET };
	const struct port_request request = { .why = why, .why_bytes = why_bytes };
	struct pcap *pcap = calloc(1, sizeof *pcap);
	struct port *port = pcap ? port_new(inner->name, &pcap_ops, pcap, inner) : NULL;

	if (!port) {
		free(pcap);
		return port_refuse(&request, ERR_no_memory, "no memory for a pcap file's buffer");
	}
	pcap->file = fopen(path, "we");
	if (!pcap->file) {
		enum err err =
		    port_refuse(&request, ERR_io, "can't write the pcap file %s: %m", path);

		free(pcap);
		free(port);
		return err;
	}
	setvbuf(pcap->file, pcap->buffer, _IOFBF, sizeof pcap->buffer);
	fwrite(&header, sizeof header, 1, pcap->file);
	pcap->end = sizeof header;
	*out = port;
	return ERR_ok;
}

static uint16_t
pcap_rx(struct port *port, uint16_t queue, struct rte_mbuf **burst, uint16_t n, uint64_t now_us)
{
	struct pcap *pcap = port->state;
	uint16_t got = port_rx(port->inner, queue, burst, n, now_us);

	flockfile(pcap->file);
	for (uint16_t i = 0; i < got; i++)
		record(pcap, burst[i], now_us);
	funlockfile(pcap->file);
	return got;
}

/*
 * A frame that was sent belongs to the inner port, so all are written before; the records of those
 * that it did not take are overwritten by the next ones.
 */
static uint16_t
pcap_tx(struct port *port, uint16_t queue, struct rte_mbuf **burst, uint16_t n, uint64_t now_us)
{
	struct pcap *pcap = port->state;
	uint16_t sent;

	flockfile(pcap->file);
	for (uint16_t i = 0; i < n; i++)
		record(pcap, burst[i], now_us);
	sent = port_tx(port->inner, queue, burst, n, now_us);
	for (uint16_t i = sent; i < n; i++)
		pcap->end -= record_bytes(burst[i]);
	if (sent < n && fseek(pcap->file, pcap->end, SEEK_SET))
		pcap->broken = true;
	funlockfile(pcap->file);
	return sent;
}

static void
record(struct pcap *pcap, const struct rte_mbuf *frame, uint64_t now_us)
{
	struct pcap_record_header header = { .seconds = (uint32_t)(now_us / 1000000),
					     .nanoseconds = (uint32_t)(now_us % 1000000) * 1000,
					     .stored_len = frame->pkt_len,
					     .wire_len = frame->pkt_len };

	pcap->end += record_bytes(frame);
	if (pcap->broken)
		return;
	if (fwrite_unlocked(&header, sizeof header, 1, pcap->file) != 1)
		pcap->broken = true;
	for (; frame && !pcap->broken; frame = frame->next)
		if (frame->data_len && fwrite_unlocked(rte_pktmbuf_mtod(frame, const void *),
						       frame->data_len, 1, pcap->file) != 1)
			pcap->broken = true;
}

static long
record_bytes(const struct rte_mbuf *frame)
{
	return (long)sizeof(struct pcap_record_header) + (long)frame->pkt_len;
}

static uint64_t
pcap_next_us(struct port *port)
{
	return port->inner->ops->next_us ? port->inner->ops->next_us(port->inner) : UINT64_MAX;
}

static void
pcap_info(struct port *port, struct port_info *info)
{
	size_t len;

	port_info(port->inner, info);
	len = strlen(info->driver);
	snprintf(info->driver + len, sizeof info->driver - len, "+pcap");
	info->offloads &= PORT_OFFLOADS_INWARD;
}

static void
pcap_close(struct port *port)
{
	struct pcap *pcap = port->state;

	port_close(port->inner);
	if (!fflush(pcap->file) && !pcap->broken && ftruncate(fileno(pcap->file), pcap->end))
		pcap->broken = true; /* nothing left to do about it */
	fclose(pcap->file);
	free(pcap);
}
