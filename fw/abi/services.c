/*
 * The rows of services.tbl as data.
 */
#include "fw/abi/services.h"

const struct service_info service_infos[SERVICE_COUNT] = {
#define X(name, protocol, port, per_second, text)                                                  \
	{ #name, SERVICE_##protocol, port, per_second, text },
#include "fw/abi/services.tbl"
};

const char service_words[] =
#define X(name, protocol, port, per_second, text) "|" #name
#include "fw/abi/services.tbl"
    ;
