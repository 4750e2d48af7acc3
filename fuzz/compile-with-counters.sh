#!/bin/sh
# The compiler for `coverage.sh`: a build that counts what is reached.
exec "$@" -C instrument-coverage
