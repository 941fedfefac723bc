src         := admin.c grow.c
libs        := fw/base
prog        := fairlead-firstboot
prog_ldlibs := -lcrypt

# The tests of this module run the program.
$(out)/unit/fw-services: | $(out)/fairlead-firstboot
