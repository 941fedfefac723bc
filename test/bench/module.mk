src         := micro.c
prog        := bench-lb bench-flow bench-path bench-lookup bench-maglev bench-parse
libs        := dataplane/http dataplane/lb mgmt/push test/sim
prog_ldlibs := -l:libllhttp.a
