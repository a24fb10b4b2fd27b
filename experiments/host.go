package experiments

import (
	"fmt"

	"runexp/hw"
	"runexp/internal/kernel"
	"runexp/models"
)

// HostLines identify to measured stages what they run on: this machine, the
// kernels in use and the version of the code that is timed. A faster kernel
// must not hit a stale profile.
func HostLines() []string {
	return append(hw.Fingerprint(),
		fmt.Sprintf("kernel v%d %s pages %s", kernel.Version, kernel.ISA(), kernel.PageKind()),
		fmt.Sprintf("models v%d", models.Version),
	)
}
