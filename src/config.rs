//! Our own settings (`config/server.toml`, then the environment): addresses, pools, time zone.
