# shellcheck shell=bash
# Runs Maven for ./dev and ./holdfast; sourced by both, with $root set to the folder of the sources.
# shellcheck disable=SC2154 # root is set by who sources this
. "$root/build/jdk.sh"

distribution=$root/cli/target/holdfast
stamp=$distribution/built

# Little is said, but the warnings that fail a build are (-q would hide them).
# shellcheck disable=SC2034 # for those who source this
quietly=-Dorg.slf4j.simpleLogger.defaultLogLevel=warn

# is_current: was the distribution built after the last change of what it is built from? Folders are
# compared too: a file that was removed changes its folder.
is_current() {
    [[ -e $stamp ]] || return 1
    [[ -z $(find "$root"/pom.xml "$root"/*/pom.xml "$root"/*/src/main "$root"/cli/src/dist \
        "$root"/build -newer "$stamp" -print -quit) ]]
}

# lock_build: waits until no other ./dev or ./holdfast builds here; held until this shell and the
# Maven that it started end. (Java hands no descriptor on, so nothing that a test starts holds it.)
lock_build() {
    mkdir -p "$root/.build"
    exec 9>"$root/.build/lock"
    if type -P flock >/dev/null && ! flock -n 9; then
        echo "Waiting for another build of these sources ..." >&2
        flock 9
    fi
}

# find_tools: is there all that a build needs? Says what is missing, and how to get it.
find_tools() {
    find_jdk25 || return 1
    if ! type -P mvn >/dev/null; then
        echo "error: Holdfast is built by Maven 3.8.7 or newer, and there is no mvn on PATH" >&2
        echo "hint: Install it (Debian: apt-get install maven; SDKMAN: sdk install maven)." >&2
        return 1
    fi
}

# maven ARGUMENTS: Maven in batch mode at the root. A build that packages the distribution stamps it
# with the time before it began, so that a change made meanwhile counts as a change. SEED,
# MATRIX and WALS, where set, are handed to the tests.
maven() {
    find_tools || return 10
    local began=$root/.build/began status=0
    touch "$began"
    # The toolchain plugin looks at JAVAnn_HOME, so Maven itself may run on another JDK.
    (cd "$root" && JAVA25_HOME=$JDK25 mvn -B -ntp ${SEED:+-Dseed="$SEED"} \
        ${MATRIX:+-Dmatrix="$MATRIX"} ${WALS:+-Dwals="$WALS"} "$@") || status=$?
    if [[ $status == 0 && -e $distribution/bin/holdfast && ! -e $stamp ]]; then
        mv "$began" "$stamp"
    fi
    return $status
}
