src       := bufq.c checksum.c
libs      := drivers/port fw/abi fw/base
uses_dpdk := 1
