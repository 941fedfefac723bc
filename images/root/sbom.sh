#!/usr/bin/env bash
# sbom.sh BOARD LIST: what the image is made of, as SPDX 2.3 in JSON: ourselves, each package with version and hash, and what
# is in our programs and in the boot partition without being a package of the root: parts of the build root.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
version=$(git describe --always --match 'v*' 2>/dev/null || echo unknown)

# PACKAGE RELATIONSHIP, and its version in the build root.
built_in()
{
	local name how installed
	while read -r name how; do
		installed=$(dpkg-query -W -f '${Version} ${Architecture}' "$name") || die "the build root has no $name"
		echo "$name $how $installed"
	done <<-END
		libdpdk-dev STATIC_LINK
		libc6-dev STATIC_LINK
		systemd-boot-efi CONTAINS
	END
}

built=$(built_in)
jq -Rn --arg board "$1" --arg version "$version" --arg time "$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%dT%H:%M:%SZ)" \
	--arg built "$built" --arg id "$(id_of "sbom $1 $version $built $(sha256sum <"$2")")" '
	def spdx: gsub("[^A-Za-z0-9.-]"; "-");
	def unsaid: { downloadLocation: "NOASSERTION", filesAnalyzed: false, licenseConcluded: "NOASSERTION",
		licenseDeclared: "NOASSERTION", copyrightText: "NOASSERTION" };
	def debian(name; version; arch): { SPDXID: "SPDXRef-\(name | spdx)", name: name, versionInfo: version,
		supplier: "Organization: Debian",
		externalRefs: [{ referenceCategory: "PACKAGE-MANAGER", referenceType: "purl",
			referenceLocator: "pkg:deb/debian/\(name | @uri)@\(version | @uri)?arch=\(arch)&distro=trixie" }] } + unsaid;
	def related(how; id): { spdxElementId: "SPDXRef-fairlead", relationshipType: how, relatedSpdxElement: id };
	[inputs | split(" ") | debian(.[0]; .[1]; .[2]) + { checksums: [{ algorithm: "SHA256", checksumValue: .[3] }] }] as $debs |
	[$built | split("\n")[] | split(" ") | { how: .[1], package: debian(.[0]; .[2]; .[3]) }] as $parts |
	{
		spdxVersion: "SPDX-2.3", dataLicense: "CC0-1.0", SPDXID: "SPDXRef-DOCUMENT", name: "fairlead-\($board)-\($version)",
		documentNamespace: "urn:uuid:\($id)", creationInfo: { created: $time, creators: ["Tool: fairlead images/root/sbom.sh"] },
		packages: ([{ SPDXID: "SPDXRef-fairlead", name: "fairlead", versionInfo: $version } + unsaid] + $debs +
			[$parts[].package]),
		relationships: ([{ spdxElementId: "SPDXRef-DOCUMENT", relationshipType: "DESCRIBES",
			relatedSpdxElement: "SPDXRef-fairlead" }] +
			[$debs[] | related("CONTAINS"; .SPDXID)] + [$parts[] | related(.how; .package.SPDXID)])
	}' <"$2"
