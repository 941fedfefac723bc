src  := health.c probe_http.c
libs := fw/abi fw/base
