# shellcheck shell=bash
# Finds, or builds, the servers that the tests of stores talk to; sourced by ./dev.
#
# For each of them, in this order: the server that a variable names; the program that another
# variable names; the program on PATH; one built by Go, once, into a cache outside of the sources.
# Else those tests are skipped, and in CI that is an error.

# Pinned: what a test relies on was tried with it.
minio_module=github.com/minio/minio
minio_version=v0.0.0-20260212201848-7aac2a2c5b7c
fake_gcs_module=github.com/fsouza/fake-gcs-server
fake_gcs_version=v1.56.1

# find_servers: exports HOLDFAST_MINIO and HOLDFAST_FAKE_GCS, each unless the environment names a
# server of its kind; or says why there is none, which in CI fails.
find_servers() {
    # With HOLDFAST_S3_ACCESS_KEY and HOLDFAST_S3_SECRET_KEY
    find_server S3 HOLDFAST_S3_ENDPOINT HOLDFAST_MINIO \
        "$minio_module" "$minio_version" "5 minutes" || return
    find_server GCS HOLDFAST_GCS_ENDPOINT HOLDFAST_FAKE_GCS \
        "$fake_gcs_module" "$fake_gcs_version" "1 minute"
}

# find_server KIND ENDPOINT PROGRAM MODULE VERSION TIME: the second and third are variables' names.
find_server() {
    local kind=$1 endpoint=$2 program=$3 name=${4##*/}
    local cached=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/holdfast/$name/$5/$name
    if [[ -n ${!endpoint:-} ]]; then
        return 0
    fi
    local found=${!program:-}
    [[ -n $found ]] || found=$(type -P "$name") || found=$cached
    if [[ ! -x $found && $found != "$cached" ]]; then
        echo "error: $program is $found, which is no program" >&2
        return 10
    fi
    if [[ -x $found ]] || build_server "$cached" "$4@$5" "$6"; then
        export "$program=$found"
        return 0
    fi
    unset "$program"
    echo "warning: NO $kind SERVER: all tests that need one are skipped" >&2
    echo "hint: Install Go 1.24 or newer (Debian 13: apt-get install golang-go), which builds" \
        "$name once; or put $name on PATH; or name a server by $endpoint." >&2
    if [[ ${CI:-} == true ]]; then
        echo "error: in CI these tests must run" >&2
        return 10
    fi
}

# build_server FILE MODULE TIME: builds it there; false if that is impossible here.
build_server() {
    local folder
    type -P go >/dev/null || return 1
    folder=$(dirname "$1")
    echo "Building ${1##*/} for the tests, once, into $folder (about $3) ..." >&2
    mkdir -p "$folder"
    # The file appears whole; two builds at once are work done twice, no more.
    if GOBIN=$folder/$$ GOTOOLCHAIN=auto go install "$2"; then
        mv "$folder/$$/${1##*/}" "$1"
    fi
    rm -rf "${folder:?}/$$"
    [[ -x $1 ]]
}

# count_skipped SINCE: after a run, says how many tests were skipped for want of a server: where a
# server is named, those that start one of their own.
count_skipped() {
    count_skipped_of S3 "$1"
    count_skipped_of GCS "$1"
}

# count_skipped_of KIND SINCE
count_skipped_of() {
    local count
    # The words are those of ServerProgram, in the tests of storage.
    count=$( (find "$root"/*/target/surefire-reports -name 'TEST-*.xml' -newer "$2" -exec \
        grep -ho "no $1 server for the tests" {} + 2>/dev/null || true) | wc -l)
    [[ $count == 0 ]] ||
        echo "warning: $count tests or classes were skipped, as there is no $1 server for them" >&2
}
