src  := ask.c compile.c decompile.c maglev.c history.c publish.c slots.c view.c
libs := mgmt/model fw/abi fw/base
