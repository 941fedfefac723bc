src         := errors.c model.c parse.c value.c unknown.c edit.c objects.c compare.c complete.c sorted.c save.c scan.c schema.c validate.c
libs        := fw/abi fw/base
prog_ldlibs := -lconfig
