prog := bench-lb bench-flow bench-path
libs := dataplane/lb mgmt/push test/sim
