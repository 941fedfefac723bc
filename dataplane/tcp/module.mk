src       := tcp.c conn.c flight.c table.c list.c isn.c in.c listen.c syncookie.c fastopen.c opt.c ack.c sack.c sent.c loss.c undo.c probe.c rtt.c \
	     ecn.c cc.c cc_newreno.c cc_cubic.c delack.c window.c reassembly.c out.c nagle.c pacing.c path_mtu.c build.c persist.c timer.c \
	     keepalive.c time_wait.c reset.c port_choice.c app.c info.c fields.c check.c
libs      := dataplane/net fw/abi fw/base
uses_dpdk := 1
