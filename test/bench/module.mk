prog := bench-lb bench-flow
libs := dataplane/lb mgmt/push
