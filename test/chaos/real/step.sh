#!/bin/sh
# A run of the harness: step.sh WITNESS NAME SECONDS OUTPUT INPUT...
# It leaves a line that says who it is where no registry looks, and an output that follows from its inputs and its name. An output with a
# slash at its end is a folder; of an input that is one, all files are read.
witness=$1 name=$2 seconds=$3 output=$4
shift 4
printf '%s %s %s\n' "$RUNWEAVE_RUN_ID" "$name" "$$" >>"$witness"
echo "$name begins"
read_input() {
  if [ -d "$1" ]; then cat "$1"/*; else cat "$1"; fi
}
write_output() {
  {
    echo "$name"
    for input in "$@"; do read_input "$input"; done
  } >"$target"
}
case $output in
*/)
  mkdir -p "$output"
  for part in a b c d; do target=$output$part write_output "$@"; done
  ;;
*) target=$output write_output "$@" ;;
esac
sleep "$seconds"
# Without the end of a line, as programs do: what runweave adds to the log stays apart from it.
printf "%s ends" "$name"
