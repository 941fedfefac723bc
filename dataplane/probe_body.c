/*
 * The answer to an HTTP probe whose monitor asks for a text in the body: head and framing are read
 * with dataplane/http, as those of a response that is forwarded (RFC 9112 6, 7), and the payload,
 * whatever pieces it comes in, is searched with dataplane/health.
 */
#include "dataplane/worker_priv.h"

static bool read_head(struct worker *w, struct probe *probe, const struct gen_monitor *monitor,
		      enum health_cause *cause);
static enum health_cause read_payload(struct worker *w, struct probe *probe, struct str wanted);

enum health_cause
probe_body_read(struct worker *w, struct probe *probe, const struct gen_monitor *monitor)
{
	enum health_cause cause = HEALTH_CAUSE_none;

	while (!probe->body.begun)
		if (!read_head(w, probe, monitor, &cause))
			return cause;
	return read_payload(w, probe, generation_str(w->view->gen, monitor->body));
}

static enum http_method
method_of(const struct gen_monitor *monitor)
{
	static const enum http_method methods[] = { [GEN_MONITOR_GET] = HTTP_METHOD_GET,
						    [GEN_MONITOR_HEAD] = HTTP_METHOD_HEAD,
						    [GEN_MONITOR_OPTIONS] = HTTP_METHOD_OPTIONS };

	return methods[monitor->method];
}

/* True: go on, with the body or with the head behind an interim response. */
static bool
read_head(struct worker *w, struct probe *probe, const struct gen_monitor *monitor,
	  enum health_cause *cause)
{
	uint32_t id = probe->conn, head_bytes = session_http_find_head(w, id);

	if (!head_bytes && conn_at(w, id)->scan.fed < HTTP_HEAD_MAX_BYTES)
		return false;
	*cause = HEALTH_CAUSE_malformed;
	probe->body.heads_bytes += head_bytes;
	if (!head_bytes || probe->body.heads_bytes > HTTP_HEAD_MAX_BYTES ||
	    http_parse_response(session_http_whole_head(w, id, head_bytes), head_bytes,
				method_of(monitor), &w->head) != HTTP_ERROR_none)
		return false;
	*cause = HEALTH_CAUSE_status;
	if (w->head.status >= 200 && !gen_statuses_have(&monitor->statuses, w->head.status))
		return false;
	*cause = HEALTH_CAUSE_none;
	conn_at(w, id)->scan = (struct http_scan){ 0 };
	if (w->head.status >= 200) {
		http_body_init(&probe->body.framing, &w->head);
		probe->body.begun = true;
	}
	tcp_receive_drop(w->tcp, id, head_bytes, w->now_us);
	return true;
}

static enum health_cause
read_payload(struct worker *w, struct probe *probe, struct str wanted)
{
	const struct bufq *q = tcp_received(w->tcp, probe->conn);
	struct http_body *framing = &probe->body.framing;
	uint32_t skip, pass;

	while (q->bytes > 0 && !framing->done) {
		const char *bytes = rte_pktmbuf_mtod(q->head, const char *);

		if (http_body_next(framing, bytes, q->head->data_len, &skip, &pass) !=
		    HTTP_ERROR_none)
			return HEALTH_CAUSE_malformed;
		if (health_body_feed(&probe->body.search, wanted, bytes + skip, pass))
			return HEALTH_CAUSE_ok;
		if (probe->body.search.fed == HEALTH_BODY_MAX_BYTES)
			return HEALTH_CAUSE_body;
		tcp_receive_drop(w->tcp, probe->conn, skip + pass, w->now_us);
		if (skip + pass == 0)
			break;
	}
	if (q->bytes == 0 && tcp_at_eof(w->tcp, probe->conn))
		http_body_eof(framing);
	return framing->done ? HEALTH_CAUSE_body : HEALTH_CAUSE_none;
}
