src  := rtnetlink.c
libs := fw/base
