/*
 * Configuration texts that several tests use.
 */
#ifndef TEST_UNIT_MGMT_MODEL_SAMPLES_H
#define TEST_UNIT_MGMT_MODEL_SAMPLES_H

/* Every noun, every field, none at its default. */
#define SAMPLE_FULL                                                                                \
	"version = 1;\n"                                                                           \
	"ports = ( { name = \"p0\"; addresses = [ \"10.0.0.1/24\", \"fd00::1/64\" ]; mtu-bytes = " \
	"1400; services = [ \"ping\", \"ssh\" ]; },\n"                                             \
	"          { name = \"p1\"; addresses = ( \"10.0.1.1/24\", \"fd00:1::1/64\" ); },\n"       \
	"          { name = \"p2\"; addresses = [ ]; }, { name = \"p3\"; addresses = [ ]; } );\n"  \
	"bonds = ( { name = \"b0\"; mode = \"lacp\"; ports = [ \"p3\", \"p2\" ]; addresses = [ "   \
	"\"10.0.4.1/24\" ]; mtu-bytes = 1450; services = [ \"ssh\" ]; } );\n"                      \
	"vlans = ( { name = \"v9\"; port = \"p1\"; tag = 9; addresses = [ \"10.0.9.1/24\" ]; "     \
	"mtu-bytes = 1300; services = [ \"bgp\" ]; } );\n"                                         \
	"routes = ( { to = \"0.0.0.0/0\"; via = \"10.0.0.2\"; }, { to = \"2001:db8::/32\"; via = " \
	"\"fd00::2\"; } );\n"                                                                      \
	"management-addresses = ( { address = \"10.0.8.1/24\"; gateway = \"10.0.8.2\"; },\n"       \
	"                         { address = \"fd00:8::1/64\"; } );\n"                            \
	"monitors = ( { name = \"up\"; type = \"http\"; interval-ms = 2000; timeout-ms = 700; "    \
	"fall = 4; rise = 5;\n"                                                                    \
	"               path = \"/a?b=\\\"c\\\\d\\\"\"; host = \"www.example\"; status = "         \
	"\"204\"; },\n"                                                                            \
	"             { name = \"tcp-up\"; type = \"tcp\"; } );\n"                                 \
	"tcp-profiles = ( { name = \"wan\"; receive-buffer-bytes = 3000000; send-buffer-bytes = "  \
	"4096; delayed-ack-ms = 499;\n"                                                            \
	"                   syn-retries = 1; data-retries = 30; max-segment-bytes = 1300; "        \
	"user-timeout-ms = 20000;\n"                                                               \
	"                   keep-alive-idle-ms = 7200000; keep-alive-interval-ms = 1000; "         \
	"keep-alive-probes = 3;\n"                                                                 \
	"                   congestion-control = \"newreno\"; ecn = true; nagle = true; pacing = " \
	"true; fast-open = true; },\n"                                                             \
	"                 { name = \"lan\"; } );\n"                                                \
	"pools = ( { name = \"web\"; method = \"round-robin\"; monitor = \"up\"; tcp-profile = "   \
	"\"lan\"; members = (\n"                                                                   \
	"            { address = \"10.0.1.11\"; port = 8080; weight = 7; },\n"                     \
	"            { address = \"fd00:1::12\"; port = 65535; } ); },\n"                          \
	"          { name = \"raw\"; members = ( { address = \"10.9.9.9\"; port = 1; } ); } );\n"  \
	"virtual-servers = ( { name = \"www\"; address = \"10.0.0.100\"; port = 80; type = "       \
	"\"http\"; pool = \"web\";\n"                                                              \
	"                      idle-timeout-ms = 1000; tcp-profile = \"wan\"; },\n"                \
	"                    { name = \"six\"; address = \"fd00::100\"; port = 443; type = "       \
	"\"tcp\"; pool = \"raw\"; } );\n"

#endif
