src         := cli.c cmd_configuration.c cmd_connection.c cmd_counter.c cmd_drop.c cmd_help.c cmd_pool.c cmd_port.c \
	       cmd_version.c cmd_virtual_server.c interactive.c run.c table.c words.c
libs        := mgmt/push mgmt/model fw/abi fw/base
prog_ldlibs := -ledit
