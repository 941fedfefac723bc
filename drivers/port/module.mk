src       := port.c port_spec.c port_ethdev.c port_vdev.c port_bond.c port_absent.c port_af_xdp.c port_netdev.c port_kernel.c port_xsk.c port_sim.c port_sim_claim.c port_rss.c port_fault.c port_pcap.c
libs      := fw/rtnetlink fw/abi fw/base
uses_dpdk := 1
