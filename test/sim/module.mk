src       := world.c nic.c switch.c gen.c pattern.c host.c host_path.c stream.c message.c body.c http_server.c \
	     http_client.c box.c topo.c \
	     stories/clean.c stories/loss.c stories/window.c stories/close.c stories/memory.c stories/random.c
libs      := dataplane
prog      := fairlead-sim
uses_dpdk := 1
