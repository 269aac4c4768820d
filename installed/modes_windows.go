package installed

// Windows has no executable bit.
const hasModes = false
