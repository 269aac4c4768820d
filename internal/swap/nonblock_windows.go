package swap

// Windows has no fifos among its files.
const nonblock = 0
