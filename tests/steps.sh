# Sourced by `tests/run` and `tests/nightly/run`, from the top of the checkout: named steps with their
# durations, and the tools that the steps need. What is installed goes below `target/`; the one exception
# is system packages, and only where the user is root.
# shellcheck shell=bash

tools=$PWD/target/tools
PATH=$tools/bin:$PATH
# Where rustup puts cargo, for shells that nobody has logged in to.
command -v cargo >/dev/null || PATH=$PATH:${CARGO_HOME:-$HOME/.cargo}/bin
export PATH

current_step=

# The last line of a run that fails: where it stopped.
name_failed_step() { # EXIT-CODE
    [[ $1 -eq 0 || -z $current_step ]] || printf '\nFAILED at the step: %s\n' "$current_step" >&2
}
trap 'name_failed_step $?' EXIT

# Runs a command as a named step. `set -e` holds inside it: this function is never part of a condition.
step() { # NAME COMMAND…
    current_step=$1
    local began=$SECONDS
    shift
    printf '\n== %s\n' "$current_step"
    "$@"
    printf -- '-- %s: %d s\n' "$current_step" $((SECONDS - began))
    current_step=
}

die() { # WHAT-IS-WRONG-AND-HOW-TO-MEND-IT
    printf '%s\n' "$1" >&2
    exit 1
}

# A Debian package, unless the command succeeds without it.
ensure_package() { # PACKAGE COMMAND…
    local package=$1
    shift
    "$@" >/dev/null 2>&1 && return
    if [[ $(id -u) -ne 0 ]] || ! command -v apt-get >/dev/null; then
        die "\`$*\` does not succeed here; on Debian: apt-get install $package"
    fi
    echo "installing the system package $package"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$package" >/dev/null
    "$@" >/dev/null || die "\`$*\` does not succeed although $package is installed"
}

# A component of the Rust toolchain, unless its subcommand is there.
ensure_component() { # COMPONENT SUBCOMMAND
    cargo "$2" --version >/dev/null 2>&1 && return
    command -v rustup >/dev/null || die "\`cargo $2\` is missing, and there is no rustup to add $1 with"
    rustup component add "$1"
}

# A cargo subcommand of at least this version. Built without optimisation: it starts once, its build
# is what takes time.
ensure_tool() { # SUBCOMMAND VERSION INSTALL-OPTION…
    local subcommand=$1 version=$2 found
    shift 2
    found=$(cargo "$subcommand" --version 2>/dev/null | awk 'NR == 1 { print $2 }') || found=
    if [[ -n $found ]] && printf '%s\n' "$version" "$found" | sort --version-sort --check=quiet; then
        return
    fi
    echo "installing cargo-$subcommand $version into target/tools"
    CARGO_PROFILE_DEV_DEBUG=0 cargo install --quiet --debug --locked --root "$tools" \
        --version "$version" "$@" "cargo-$subcommand"
}

# Packages of npm, made anew when their list changes. Without a lockfile, which would name where they came from.
node_packages() { # FOLDER LIST
    local folder=$1 list=$2
    if cmp --silent "$list" "$folder/installed.json"; then
        return
    fi
    rm -rf "$folder"
    mkdir -p "$folder"
    cp "$list" "$folder/package.json"
    npm install --prefix "$folder" --no-package-lock --no-audit --no-fund --silent
    cp "$list" "$folder/installed.json"
}

# The libraries of other people with which the tests look at what we write, and ask the server that behaves
# as ECR does: a virtual environment, made anew when its requirements change.
python_environment() { # FOLDER REQUIREMENTS
    local folder=$1 requirements=$2
    if cmp --silent "$requirements" "$folder/installed.txt" && "$folder/bin/python" -c ''; then
        return
    fi
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || die 'Python 3.11 or newer is needed'
    rm -rf "$folder"
    python3 -m venv "$folder"
    "$folder/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$requirements"
    cp "$requirements" "$folder/installed.txt"
}
