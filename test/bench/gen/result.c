/* The lines of a result: NAME=VALUE, names as README.md has them. */
#include "test/bench/gen/result.h"

#include <inttypes.h>

static void print_latency(FILE *to, const struct histogram *latency);
static void print_errors(FILE *to, const struct result *r);
static void
print_frames(FILE *to, const struct result *before, const struct result *after, double seconds);

void
result_print(FILE *to, const struct gen_options *options, const struct result *before,
	     const struct result *after, const struct histogram *latency, uint32_t served,
	     uint64_t behind)
{
	double seconds = (double)(after->at_ns - before->at_ns) / 1e9;
	uint64_t requests = after->client.requests - before->client.requests,
		 opened = after->client_tcp.opened - before->client_tcp.opened,
		 origin_opened = after->origin_tcp.opened - before->origin_tcp.opened,
		 bytes = after->client.body_bytes - before->client.body_bytes;

	fprintf(to, "workload=%s\n", gen_workload_names[options->workload]);
	fprintf(to, "conns=%u\npipeline=%u\nobject_bytes=%u\nrate=%u\n", options->conns,
		options->pipeline, options->object_bytes, options->rate);
	fprintf(to, "seconds=%.3f\n", seconds);
	fprintf(to, "requests=%" PRIu64 "\nrequests_per_s=%.0f\n", requests,
		(double)requests / seconds);
	fprintf(to, "conns_opened=%" PRIu64 "\nconns_per_s=%.0f\n", opened,
		(double)opened / seconds);
	fprintf(to, "origin_conns_opened=%" PRIu64 "\n", origin_opened);
	fprintf(to, "body_bytes=%" PRIu64 "\nmbytes_per_s=%.1f\n", bytes,
		(double)bytes / 1e6 / seconds);
	fprintf(to, "flood_per_s=%.0f\n",
		(double)(after->flood_sent - before->flood_sent) / seconds);
	fprintf(to, "flood_off_requests=%" PRIu64 "\nflood_on_requests=%" PRIu64 "\n",
		after->flood_answered[0] - before->flood_answered[0],
		after->flood_answered[1] - before->flood_answered[1]);
	fprintf(to, "served_conns=%u\nbehind=%" PRIu64 "\n", served, behind);
	print_latency(to, latency);
	fprintf(to, "busy_share=%.4f\n",
		(double)(after->busy_ns - before->busy_ns) / 1e9 / seconds);
	fprintf(to, "cpu_share=%.4f\n", (double)(after->cpu_ns - before->cpu_ns) / 1e9 / seconds);
	print_errors(to, after);
	print_frames(to, before, after, seconds);
	fflush(to);
}

static void
print_latency(FILE *to, const struct histogram *latency)
{
	static const struct {
		const char *name;
		double part;
	} rows[] = { { "p50", 0.5 }, { "p90", 0.9 }, { "p99", 0.99 }, { "p999", 0.999 } };

	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++)
		fprintf(to, "latency_%s_us=%.1f\n", rows[i].name,
			(double)histogram_quantile_ns(latency, rows[i].part) / 1000);
	fprintf(to, "latency_max_us=%.1f\n", (double)latency->max_ns / 1000);
}

static void
print_errors(FILE *to, const struct result *r)
{
	const struct {
		const char *name;
		uint64_t count;
	} rows[] = {
		{ "status", r->client.status_errors },
		{ "head", r->client.head_errors },
		{ "length", r->client.length_errors },
		{ "body", r->client.body_errors },
		{ "short", r->client.short_bodies },
		{ "unexpected", r->client.unexpected },
		{ "overdue", r->overdue },
		{ "resets", r->client.resets },
		{ "gave_up", r->client.gave_up + r->origin_tcp.gave_up },
		{ "origin_requests", r->origin.bad_requests },
		{ "origin_resets", r->origin.resets },
		{ "refused", r->origin_tcp.refused },
		{ "checksums", r->side[0].bad_sums + r->side[1].bad_sums },
		{ "buffers", r->side[0].no_buffers + r->side[1].no_buffers },
		{ "retransmits", r->client_tcp.retransmits },
		{ "origin_retransmits", r->origin_tcp.retransmits },
		{ "out_of_order", r->client_tcp.out_of_order + r->origin_tcp.out_of_order },
	};
	uint64_t sum = 0;

	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++)
		sum += rows[i].count;
	fprintf(to, "errors=%" PRIu64 "\n", sum);
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++)
		fprintf(to, "errors_%s=%" PRIu64 "\n", rows[i].name, rows[i].count);
	fprintf(to, "strays=%" PRIu64 "\n", r->client_tcp.strays + r->origin_tcp.strays);
}

static void
print_frames(FILE *to, const struct result *before, const struct result *after, double seconds)
{
	uint64_t rx = 0, tx = 0, other = 0;

	for (unsigned i = 0; i < 2; i++) {
		rx += after->side[i].rx_frames - before->side[i].rx_frames;
		tx += after->side[i].tx_frames - before->side[i].tx_frames;
		other += after->side[i].other_frames - before->side[i].other_frames;
	}
	fprintf(to, "rx_frames_per_s=%.0f\ntx_frames_per_s=%.0f\nother_frames=%" PRIu64 "\n",
		(double)rx / seconds, (double)tx / seconds, other);
}
