# Targets of the build root. They work on the host; everything else is entered.

.PHONY: sdk sdk-lock shell

sdk:		## build the Debian 13 build root if it is missing or its list changed
	@images/sdk/sdk.sh build

sdk-lock:	## record the versions of the packages in the build root
	@images/sdk/sdk.sh lock

shell:		## an interactive shell in the build root
	@images/sdk/enter.sh bash --norc -i
