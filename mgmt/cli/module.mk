src         := choices.c cli.c cmd_admin.c cmd_board.c cmd_bond.c cmd_candidate.c cmd_capture.c cmd_configuration.c cmd_connection.c cmd_counter.c cmd_drop.c \
	       cmd_generation.c cmd_help.c cmd_interface.c cmd_ledger.c cmd_member.c cmd_memory.c cmd_monitor.c cmd_neighbour.c cmd_password.c \
	       cmd_ping.c cmd_pool.c cmd_port.c cmd_route.c cmd_service.c cmd_trace.c cmd_version.c cmd_virtual_server.c cmd_worker.c \
	       complete.c filter.c interactive.c member.c mgmtd.c pages.c pcapng.c run.c \
	       setting.c status.c table.c tap.c walk.c words.c
libs        := mgmt/push mgmt/model drivers/board fw/services fw/abi fw/base
prog_ldlibs := -ledit -lpcap
