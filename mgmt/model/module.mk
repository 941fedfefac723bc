src         := errors.c model.c parse.c save.c scan.c schema.c validate.c
libs        := fw/abi fw/base
prog_ldlibs := -lconfig
