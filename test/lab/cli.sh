#!/bin/bash
# cli.sh [COMMAND...]: the appliance's command line, run in fl-box as on the box.
set -euo pipefail

lab_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ -e /etc/fairlead-sdk ] || exec "$lab_dir/../../images/sdk/enter.sh" "$lab_dir/cli.sh" "$@"
. "$lab_dir/common.sh"

[ -e /run/netns/fl-box ] || die "there is no lab: make lab-up"
[ -x "$bin/fairlead" ] || die "out/$V has no programs: make V=$V"
exec ip netns exec fl-box "$bin/fairlead" --run-dir "$run_dir" "$@"
