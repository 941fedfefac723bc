src       := fuzz.c packets.c near.c box.c net.c fuzz_frame.c fuzz_ip.c fuzz_fragment.c fuzz_tcp_options.c fuzz_tcp_state.c fuzz_http_head.c fuzz_configuration.c fuzz_generation.c fuzz_board.c fuzz_gpt.c \
	     ../unit/dataplane/http/heads.c ../unit/dataplane/http/reference.c
libs      := test/sim mgmt/push drivers/board images/initramfs dataplane
prog      := fuzz-replay
uses_dpdk := 1
