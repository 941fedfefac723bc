src         := admin.c grow.c secret.c
libs        := fw/base
prog        := fairlead-admin fairlead-firstboot
prog_ldlibs := -lcrypt

# The tests of this module run the programs.
$(out)/unit/fw-services: | $(out)/fairlead-admin $(out)/fairlead-firstboot
