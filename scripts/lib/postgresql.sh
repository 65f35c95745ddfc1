# Sourced by scripts: sees to PostgreSQL's programs.

# Whether initdb, pg_ctl and postgres are where `kokochi demo` looks for them.
has_postgresql() {
    for folder in "${KOKOCHI_POSTGRES_BIN:-}" $(echo "$PATH" | tr ':' ' ') /usr/lib/postgresql/*/bin /usr/pgsql-*/bin \
        "$(pg_config --bindir 2>/dev/null || true)" /opt/homebrew/opt/postgresql*/bin /usr/local/opt/postgresql*/bin \
        /home/linuxbrew/.linuxbrew/opt/postgresql*/bin; do
        if [ -n "$folder" ] && [ -x "$folder/initdb" ] && [ -x "$folder/pg_ctl" ] && [ -x "$folder/postgres" ]; then
            return 0
        fi
    done
    return 1
}

# Installs them if we may, else tells how.
need_postgresql() {
    if has_postgresql; then return 0; fi
    if command -v apt-get >/dev/null; then
        install="apt-get update && apt-get install --yes --no-install-recommends postgresql"
        if [ "$(id -u)" = 0 ]; then
            echo "PostgreSQL is missing; installing it" >&2
            sh -c "$install" >&2
        elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
            echo "PostgreSQL is missing; installing it with sudo" >&2
            sudo -n sh -c "$install" >&2
        else
            echo "PostgreSQL is missing; type: sudo sh -c '$install'" >&2
            exit 1
        fi
    elif command -v brew >/dev/null; then
        echo "PostgreSQL is missing; type: brew install postgresql@17" >&2
        exit 1
    else
        echo "PostgreSQL 13 or newer is missing; install its server with your system's package manager" >&2
        exit 1
    fi
    has_postgresql || { echo "PostgreSQL is installed, but its programs are not found" >&2; exit 1; }
}
