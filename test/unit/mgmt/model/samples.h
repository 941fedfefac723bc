/*
 * Configuration texts that several tests use.
 */
#ifndef TEST_UNIT_MGMT_MODEL_SAMPLES_H
#define TEST_UNIT_MGMT_MODEL_SAMPLES_H

/* Every noun, every field, none at its default. */
#define SAMPLE_FULL                                                                                \
	"version = 1;\n"                                                                           \
	"ports = ( { name = \"p0\"; addresses = [ \"10.0.0.1/24\", \"fd00::1/64\" ]; mtu-bytes = " \
	"1400; },\n"                                                                               \
	"          { name = \"p1\"; addresses = ( \"10.0.1.1/24\", \"fd00:1::1/64\" ); } );\n"     \
	"routes = ( { to = \"0.0.0.0/0\"; via = \"10.0.0.2\"; }, { to = \"2001:db8::/32\"; via = " \
	"\"fd00::2\"; } );\n"                                                                      \
	"monitors = ( { name = \"up\"; type = \"http\"; interval-ms = 2000; timeout-ms = 700; "    \
	"fall = 4; rise = 5;\n"                                                                    \
	"               path = \"/a?b=\\\"c\\\\d\\\"\"; host = \"www.example\"; status = "         \
	"\"204\"; },\n"                                                                            \
	"             { name = \"tcp-up\"; type = \"tcp\"; } );\n"                                 \
	"pools = ( { name = \"web\"; method = \"round-robin\"; monitor = \"up\"; members = (\n"    \
	"            { address = \"10.0.1.11\"; port = 8080; weight = 7; },\n"                     \
	"            { address = \"fd00:1::12\"; port = 65535; } ); },\n"                          \
	"          { name = \"raw\"; members = ( { address = \"10.9.9.9\"; port = 1; } ); } );\n"  \
	"virtual-servers = ( { name = \"www\"; address = \"10.0.0.100\"; port = 80; type = "       \
	"\"http\"; pool = \"web\";\n"                                                              \
	"                      idle-timeout-ms = 1000; },\n"                                       \
	"                    { name = \"six\"; address = \"fd00::100\"; port = 443; type = "       \
	"\"tcp\"; pool = \"raw\"; } );\n"

#endif
