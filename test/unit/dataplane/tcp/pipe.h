/*
 * Two TCPs in one process with a link between them, in virtual time:
 *
 *	end 0 (10.0.0.1, opens)  ====  rate, delay, queue, loss, reordering, duplication  ====  end
 *1 (10.0.0.2:80)
 *
 * Each end sends so many bytes of a pattern and closes; what arrives is compared byte by byte. The
 * invariants of tcp_check are asked after each event. The same seed gives the same run.
 */
#ifndef TEST_UNIT_DATAPLANE_TCP_PIPE_H
#define TEST_UNIT_DATAPLANE_TCP_PIPE_H

#include "dataplane/tcp/tcp.h"
#include "fw/base/rng.h"
#include "test/unit/unit.h"

#define PIPE_PACKETS 4096u

struct pipe_plan {
	uint64_t seed;
	uint64_t bytes[2];    /* that each end sends */
	uint32_t rate_mbps;   /* of each direction */
	uint32_t delay_us;    /* one way */
	uint32_t queue_bytes; /* before the link; what does not fit is lost */
	uint32_t loss_ppm;    /* parts in a million, as the next two */
	uint32_t reorder_ppm; /* held back for up to delay_us / 2 */
	uint32_t duplicate_ppm;
	uint32_t read_pause_us;      /* end 1 reads only so often; 0: at once */
	bool no_sack, no_timestamps; /* taken out of the SYNs on their way */
	uint32_t empty_ppm;          /* chance that an end finds no mbuf for its output */
	uint64_t limit_us;           /* virtual time after which the run has failed */
	bool timed;     /* sends without end until limit_us: only how much arrived is of interest */
	bool unchecked; /* tcp_check is not asked: for long runs */
	const struct tcp_profile
	    *profile; /* of both ends; NULL: the default with buffers of 1 MB */
};

struct pipe_end {
	struct tcp *tcp;
	struct stats_worker *stats;
	uint32_t id;             /* of its connection, TCP_NONE: none yet */
	uint64_t sent, received; /* bytes by the application */
	bool shut, eof, closed;
	enum tcp_close_reason reason;
	bool wrong;      /* a byte differed */
	uint64_t eof_us; /* when the peer's FIN was reached */
};

struct pipe_packet {
	uint64_t due_us;
	struct rte_mbuf *m;
	unsigned to;
};

struct pipe {
	struct pipe_plan plan;
	struct rng rng;
	uint64_t now_us, next_read_us;
	struct pipe_end end[2];
	uint64_t free_us[2];                     /* when the link towards an end is free again */
	struct pipe_packet flying[PIPE_PACKETS]; /* sorted by due_us */
	uint32_t flying_count;
	uint64_t packets, lost;
	uint64_t counter[2][COUNTER_COUNT]; /* of each end, at the end of the run */
};

/*
 * Runs the plan to its end: true if both ends received all, closed in order, and no mbuf is
 * missing. Borrows.
 */
bool pipe_run(struct pipe *pipe, const struct pipe_plan *plan);
/* What end `from` brought through, in parts per thousand of the link's rate. */
/* Of a timed run: payload that came from end `from`, in kbit/s. */
unsigned pipe_goodput_kbps(const struct pipe *pipe, unsigned from);
unsigned pipe_utilisation(const struct pipe *pipe, unsigned from);

#endif
