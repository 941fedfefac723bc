src       := client.c origin.c flood.c tcp.c tcp_in.c tcp_out.c side.c source.c flows.c head.c hold.c histogram.c memory.c options.c result.c start.c
libs      := drivers/port fw/base
prog      := fairlead-gen fairlead-forward
uses_dpdk := 1
