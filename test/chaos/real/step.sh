#!/bin/sh
# A run of the harness: step.sh WITNESS NAME SECONDS OUTPUT INPUT...
# It leaves a line that says who it is where no registry looks, and an output that follows from its inputs and its name.
witness=$1 name=$2 seconds=$3 output=$4
shift 4
printf '%s %s %s\n' "$RUNWEAVE_RUN_ID" "$name" "$$" >>"$witness"
echo "$name begins"
{
  echo "$name"
  [ $# -eq 0 ] || cat "$@"
} >"$output"
sleep "$seconds"
# Without the end of a line, as programs do: what runweave adds to the log stays apart from it.
printf "%s ends" "$name"
