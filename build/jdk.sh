# shellcheck shell=bash
# Finds a JDK 25; sourced by ./dev, ./holdfast and the distribution's launcher.
# Starts no process: the "release" file in every JDK's folder says what it is.

# is_jdk25 FOLDER: is a JDK 25 installed there?
is_jdk25() {
    local line
    [[ -x $1/bin/java && -r $1/release ]] || return 1
    while IFS= read -r line; do
        case $line in
        'JAVA_VERSION="25"' | 'JAVA_VERSION="25.'*) return 0 ;;
        esac
    done <"$1/release"
    return 1
}

# find_jdk25: sets JDK25 to the folder of a JDK 25, or says how to get one and fails.
find_jdk25() {
    local candidate on_path=''
    if [[ -n ${HOLDFAST_JAVA_HOME:-} ]]; then
        JDK25=$HOLDFAST_JAVA_HOME
        is_jdk25 "$JDK25" && return 0
        echo "error: HOLDFAST_JAVA_HOME is $JDK25, which is no JDK 25" >&2
        echo "hint: Set it to the folder of a JDK 25, or unset it to have one looked for." >&2
        return 1
    fi
    for candidate in ${JAVA_HOME:+"$JAVA_HOME"} ${JAVA25_HOME:+"$JAVA25_HOME"}; do
        JDK25=$candidate
        is_jdk25 "$JDK25" && return 0
    done
    on_path=$(type -P java) && on_path=$(readlink -f "$on_path") || on_path=''
    for JDK25 in "${on_path%/bin/java}" /usr/lib/jvm/* "${HOME:-/root}"/.jdks/* \
        "${HOME:-/root}"/.sdkman/candidates/java/* \
        /Library/Java/JavaVirtualMachines/*/Contents/Home; do
        is_jdk25 "$JDK25" && return 0
    done
    unset JDK25
    echo "error: Holdfast needs a JDK 25, and none was found in HOLDFAST_JAVA_HOME, JAVA_HOME," \
        "PATH, /usr/lib/jvm, ~/.jdks or ~/.sdkman" >&2
    echo "hint: Install one (Debian 13: apt-get install openjdk-25-jdk-headless; SDKMAN: sdk install" \
        "java 25-tem; or Temurin 25 from Adoptium), or set HOLDFAST_JAVA_HOME to its folder." >&2
    return 1
}
