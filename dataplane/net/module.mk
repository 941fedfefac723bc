src       := bufq.c checksum.c eth.c arp.c nd.c neighbour.c neighbour_table.c resolve.c ipv4.c ipv6.c fragment.c fragment_send.c icmp.c offload.c route.c gateway.c claim.c steer.c ping.c punt.c net.c show.c
libs      := drivers/port fw/abi fw/base
uses_dpdk := 1
