#!/usr/bin/env bash
# sbom.sh BOARD LIST: what the image is made of, as SPDX 2.3 in JSON: each package with version and hash, and ourselves.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
version=$(git describe --always --match 'v*' 2>/dev/null || echo unknown)
jq -Rn --arg board "$1" --arg version "$version" --arg time "$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%dT%H:%M:%SZ)" \
	--arg id "$(id_of "sbom $1 $version $(sha256sum <"$2")")" '
	def spdx: gsub("[^A-Za-z0-9.-]"; "-");
	[inputs | split(" ") | {
		SPDXID: "SPDXRef-\(.[0] | spdx)", name: .[0], versionInfo: .[1], supplier: "Organization: Debian",
		downloadLocation: "NOASSERTION", filesAnalyzed: false, licenseConcluded: "NOASSERTION",
		licenseDeclared: "NOASSERTION", copyrightText: "NOASSERTION",
		checksums: [{ algorithm: "SHA256", checksumValue: .[3] }],
		externalRefs: [{ referenceCategory: "PACKAGE-MANAGER", referenceType: "purl",
			referenceLocator: "pkg:deb/debian/\(.[0] | @uri)@\(.[1] | @uri)?arch=\(.[2])&distro=trixie" }]
	}] as $debs | {
		spdxVersion: "SPDX-2.3", dataLicense: "CC0-1.0", SPDXID: "SPDXRef-DOCUMENT", name: "fairlead-\($board)-\($version)",
		documentNamespace: "urn:uuid:\($id)", creationInfo: { created: $time, creators: ["Tool: fairlead images/root/sbom.sh"] },
		packages: ([{ SPDXID: "SPDXRef-fairlead", name: "fairlead", versionInfo: $version, downloadLocation: "NOASSERTION",
			filesAnalyzed: false, licenseConcluded: "NOASSERTION", licenseDeclared: "NOASSERTION",
			copyrightText: "NOASSERTION" }] + $debs),
		relationships: ([{ spdxElementId: "SPDXRef-DOCUMENT", relationshipType: "DESCRIBES",
			relatedSpdxElement: "SPDXRef-fairlead" }] +
			[$debs[] | { spdxElementId: "SPDXRef-fairlead", relationshipType: "CONTAINS", relatedSpdxElement: .SPDXID }])
	}' <"$2"
