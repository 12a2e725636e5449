# shellcheck shell=bash
# Finds, or builds, a MinIO for the tests that need a real S3 server; sourced by ./dev.
#
# In this order: the server that HOLDFAST_S3_ENDPOINT names (with HOLDFAST_S3_ACCESS_KEY and
# HOLDFAST_S3_SECRET_KEY); the program HOLDFAST_MINIO; minio on PATH; one built by Go, once, into a
# cache outside of the sources. Else those tests are skipped, and in CI that is an error.

# The last commit of its repository, pinned: what a test relies on was tried with it.
minio_version=v0.0.0-20260212201848-7aac2a2c5b7c

# find_minio: exports HOLDFAST_MINIO, unless the environment names a server; or says why there is
# none, which in CI fails.
find_minio() {
    local cached=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/holdfast/minio/$minio_version/minio
    if [[ -n ${HOLDFAST_S3_ENDPOINT:-} ]]; then
        return 0
    fi
    export HOLDFAST_MINIO=${HOLDFAST_MINIO:-}
    [[ -n $HOLDFAST_MINIO ]] || HOLDFAST_MINIO=$(type -P minio) || HOLDFAST_MINIO=$cached
    if [[ ! -x $HOLDFAST_MINIO && $HOLDFAST_MINIO != "$cached" ]]; then
        echo "error: HOLDFAST_MINIO is $HOLDFAST_MINIO, which is no program" >&2
        return 10
    fi
    if [[ ! -x $HOLDFAST_MINIO ]] && ! build_minio "$cached"; then
        unset HOLDFAST_MINIO
        echo "warning: NO S3 SERVER: all tests that need one are skipped" >&2
        echo "hint: Install Go 1.24 or newer (Debian 13: apt-get install golang-go), which builds" \
            "MinIO once; or put minio on PATH; or name a server by HOLDFAST_S3_ENDPOINT." >&2
        if [[ ${CI:-} == true ]]; then
            echo "error: in CI these tests must run" >&2
            return 10
        fi
    fi
}

# build_minio FILE: builds it there; false if that is impossible here.
build_minio() {
    local folder
    type -P go >/dev/null || return 1
    folder=$(dirname "$1")
    echo "Building MinIO for the tests, once, into $folder (about 5 minutes) ..." >&2
    mkdir -p "$folder"
    # The file appears whole; two builds at once are work done twice, no more.
    if GOBIN=$folder/$$ GOTOOLCHAIN=auto go install "github.com/minio/minio@$minio_version"; then
        mv "$folder/$$/minio" "$1"
    fi
    rm -rf "${folder:?}/$$"
    [[ -x $1 ]]
}

# count_skipped SINCE: after a run without a server, says how many tests were skipped for that.
count_skipped() {
    [[ -z ${HOLDFAST_MINIO:-}${HOLDFAST_S3_ENDPOINT:-} ]] || return 0
    local count
    # The words are those of S3Server, in the tests of storage.
    count=$( (find "$root"/*/target/surefire-reports -name 'TEST-*.xml' -newer "$1" -exec \
        grep -ho 'no S3 server for the tests' {} + 2>/dev/null || true) | wc -l)
    echo "warning: $count tests or classes were skipped, as there is no S3 server for them" >&2
}
