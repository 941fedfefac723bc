src       := bufq.c checksum.c eth.c arp.c nd.c neighbour.c ipv4.c ipv6.c icmp.c route.c steer.c punt.c net.c
libs      := drivers/port fw/abi fw/base
uses_dpdk := 1
