/*
 * AF_XDP rings by the kernel's interface (linux/if_xdp.h, Documentation/networking/af_xdp.rst).
 * DPDK's net_af_xdp leaves all buffers of the fill ring behind when it closes: thousands a port,
 * each time an interface comes back.
 *
 * A mapping keeps a socket alive, so its rings can be read after the driver has closed it and the
 * kernel has stopped using it; the unmapping then ends it.
 */
#include "drivers/port/port_xsk.h"

#include <dirent.h>
#include <errno.h>
#include <linux/if_xdp.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define ENTRIES_MAX 65536u
#define ENTRIES_MIN 512u /* fewer share a page with their half: the size can't be told */

static void ring_map(struct port_xsk_ring *ring, int fd, off_t page, size_t entry_bytes,
		     const struct xdp_ring_offset *offset);
static void ring_reclaim(struct port_xsk_ring *ring, size_t entry_bytes, struct rte_mempool *mbufs,
			 uintptr_t umem);
static uintptr_t umem_start(struct rte_mempool *mbufs);
static void buffer_free(uint64_t address, struct rte_mempool *mbufs, uintptr_t umem);

static const struct {
	off_t page;
	size_t entry_bytes;
} layout[PORT_XSK_RINGS] = {
	[PORT_XSK_RX] = { XDP_PGOFF_RX_RING, sizeof(struct xdp_desc) },
	[PORT_XSK_TX] = { XDP_PGOFF_TX_RING, sizeof(struct xdp_desc) },
	[PORT_XSK_FILL] = { XDP_UMEM_PGOFF_FILL_RING, sizeof(uint64_t) },
	[PORT_XSK_COMPLETION] = { XDP_UMEM_PGOFF_COMPLETION_RING, sizeof(uint64_t) },
};

/*
 * By an attempt to bind one ourselves, for zero copy: where the queue is free it fails with another
 * error, since veth has no zero copy, and leaves nothing behind. On a NIC that has, it succeeds,
 * and its end takes the kernel a moment.
 */
bool
port_xsk_is_bound(int ifindex, uint16_t queue)
{
	enum { CHUNK = 4096, CHUNKS = 16 };
	struct sockaddr_xdp at = { .sxdp_family = AF_XDP,
				   .sxdp_flags = XDP_ZEROCOPY,
				   .sxdp_ifindex = (uint32_t)ifindex,
				   .sxdp_queue_id = queue };
	struct xdp_umem_reg umem = { .len = CHUNK * CHUNKS, .chunk_size = CHUNK };
	int fd = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0), ring_size = CHUNKS;
	void *memory =
	    mmap(NULL, umem.len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	bool bound = false;

	umem.addr = (uintptr_t)memory;
	if (memory != MAP_FAILED && fd >= 0 &&
	    !setsockopt(fd, SOL_XDP, XDP_UMEM_REG, &umem, sizeof umem) &&
	    !setsockopt(fd, SOL_XDP, XDP_UMEM_FILL_RING, &ring_size, sizeof ring_size) &&
	    !setsockopt(fd, SOL_XDP, XDP_UMEM_COMPLETION_RING, &ring_size, sizeof ring_size) &&
	    !setsockopt(fd, SOL_XDP, XDP_RX_RING, &ring_size, sizeof ring_size))
		bound = bind(fd, (struct sockaddr *)&at, sizeof at) && errno == EBUSY;
	if (memory != MAP_FAILED)
		munmap(memory, umem.len);
	if (fd >= 0)
		close(fd);
	return bound;
}

unsigned
port_xsk_list(int fds[PORT_XSK_FDS_MAX])
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;
	unsigned count = 0;

	while (dir && count < PORT_XSK_FDS_MAX && (entry = readdir(dir))) {
		int fd = atoi(entry->d_name), domain = 0;
		socklen_t len = sizeof domain;

		if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) == 0 && domain == AF_XDP)
			fds[count++] = fd;
	}
	if (dir)
		closedir(dir);
	return count;
}

void
port_xsk_map(struct port_xsk *xsk, int fd)
{
	struct xdp_mmap_offsets offsets;
	socklen_t len = sizeof offsets;

	memset(xsk, 0, sizeof *xsk);
	if (getsockopt(fd, SOL_XDP, XDP_MMAP_OFFSETS, &offsets, &len) || len < sizeof offsets)
		return;
	for (unsigned i = 0; i < PORT_XSK_RINGS; i++) {
		const struct xdp_ring_offset *offset[PORT_XSK_RINGS] = { &offsets.rx, &offsets.tx,
									 &offsets.fr, &offsets.cr };

		ring_map(&xsk->ring[i], fd, layout[i].page, layout[i].entry_bytes, offset[i]);
	}
}

/*
 * The kernel refuses a mapping that is longer than the ring: the longest that it allows tells the
 * size.
 */
static void
ring_map(struct port_xsk_ring *ring, int fd, off_t page, size_t entry_bytes,
	 const struct xdp_ring_offset *offset)
{
	for (uint32_t size = ENTRIES_MAX; size >= ENTRIES_MIN; size /= 2) {
		size_t bytes = offset->desc + size * entry_bytes;
		char *map = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, page);

		if (map == MAP_FAILED)
			continue;
		*ring = (struct port_xsk_ring){ .map = map,
						.map_bytes = bytes,
						.producer = (uint32_t *)(map + offset->producer),
						.consumer = (uint32_t *)(map + offset->consumer),
						.entries = map + offset->desc,
						.size = size };
		return;
	}
}

void
port_xsk_reclaim(struct port_xsk *xsk, struct rte_mempool *mbufs)
{
	uintptr_t umem = umem_start(mbufs);

	for (unsigned i = 0; i < PORT_XSK_RINGS; i++)
		if (xsk->ring[i].map)
			ring_reclaim(&xsk->ring[i], layout[i].entry_bytes, mbufs, umem);
}

static void
ring_reclaim(struct port_xsk_ring *ring, size_t entry_bytes, struct rte_mempool *mbufs,
	     uintptr_t umem)
{
	uint32_t producer = __atomic_load_n(ring->producer, __ATOMIC_ACQUIRE);
	uint32_t consumer = __atomic_load_n(ring->consumer, __ATOMIC_ACQUIRE);

	if (producer - consumer > ring->size)
		producer = consumer; /* not the ring we think it is */
	for (; consumer != producer; consumer++) {
		uint64_t address;

		/* struct xdp_desc starts with the address. */
		memcpy(&address,
		       (char *)ring->entries + (consumer & (ring->size - 1)) * entry_bytes,
		       sizeof address);
		buffer_free(address, mbufs, umem);
	}
	munmap(ring->map, ring->map_bytes);
	ring->map = NULL;
}

static void
lowest_address(struct rte_mempool *mp, void *lowest, struct rte_mempool_memhdr *chunk, unsigned i)
{
	uintptr_t *address = lowest;

	if ((uintptr_t)chunk->addr < *address)
		*address = (uintptr_t)chunk->addr;
}

/* The driver registers the pool's memory from the page in which it starts. */
static uintptr_t
umem_start(struct rte_mempool *mbufs)
{
	uintptr_t lowest = UINTPTR_MAX;

	rte_mempool_mem_iter(mbufs, lowest_address, &lowest);
	return lowest & ~((uintptr_t)sysconf(_SC_PAGESIZE) - 1);
}

/* An address in unaligned mode is the chunk's start, with the data's offset above bit 48. */
static void
buffer_free(uint64_t address, struct rte_mempool *mbufs, uintptr_t umem)
{
	uintptr_t at = umem + (address & XSK_UNALIGNED_BUF_ADDR_MASK) + mbufs->header_size;
	struct rte_mbuf *m = (struct rte_mbuf *)at;

	if (m->pool == mbufs)
		rte_pktmbuf_free(m);
}
