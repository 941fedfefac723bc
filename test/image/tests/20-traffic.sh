# The lab's traffic through virtio NICs on vfio-pci: offloads, neighbours, a VLAN; what listens to the world outside.
. "$(dirname "$0")/../lib.sh"
. "$top/test/image/traffic.sh"

check box_is_ready box_ready "$direct"
traffic_facts net_virtio

# Nothing listens but SSH, whoever asks: on the management port, on own addresses of data ports and on virtual servers.
equal listening_on_management_port "22" "$(open_ports mgmt 10.0.9.1)"
equal listening_on_management_port_over_ipv6 "22" "$(open_ports mgmt "$link_local")"
equal listening_on_data_port "" "$(open_ports client 10.0.0.1)"
equal listening_on_virtual_server "80" "$(open_ports client 10.0.0.100)"
