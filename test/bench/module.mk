prog := bench-lb
libs := dataplane/lb mgmt/push
