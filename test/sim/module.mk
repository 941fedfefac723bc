src       := world.c pool_ops.c nic.c switch.c router.c chain.c watch.c gen.c pattern.c host.c host_path.c stream.c message.c body.c executions.c http_server.c \
	     http_client.c box.c fence.c fence_buffers.c topo.c talk.c raw.c adversary.c \
	     stories/clean.c stories/loss.c stories/window.c stories/offloads.c stories/close.c stories/memory.c stories/path.c stories/adversary.c stories/flood.c stories/overload.c \
	     stories/random.c stories/random_box.c stories/random_net.c stories/random_foe.c \
	     stories/box_http.c stories/box_members.c stories/box_balance.c stories/box_kept.c stories/box_sessions.c stories/box_close.c stories/box_config.c stories/box_profiles.c stories/box_health.c stories/box_requests.c stories/box_drops.c stories/links.c stories/memif.c stories/workers.c stories/workers_16.c
libs      := dataplane mgmt/push
prog      := fairlead-sim
uses_dpdk := 1
