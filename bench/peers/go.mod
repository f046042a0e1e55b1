// Only so that the versions and sums of bench's Go peer are written down once.
module wask/bench/peers

go 1.25.0

require (
	github.com/tetratelabs/wazero v1.12.0
	golang.org/x/sys v0.44.0 // indirect
)
