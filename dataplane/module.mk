src         := drop.c handoff.c notes.c places.c punt.c punt_ring.c config_view.c profile.c conn.c session.c session_http.c session_http_response.c session_tcp.c kept.c probe.c probe_body.c path.c tap.c trace.c worker.c worker_mailbox.c worker_ping.c control.c control_mailbox.c control_ports.c control_tap.c control_duplicate.c control_bond.c mailbox.c
libs        := dataplane/http dataplane/tcp dataplane/lb dataplane/health dataplane/net drivers/port fw/abi fw/base
prog        := fairlead-dataplane
uses_dpdk   := 1
# the interpreter of filters alone, which needs nothing else of it
prog_ldlibs := -l:libpcap.a
