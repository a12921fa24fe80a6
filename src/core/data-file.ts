const CODE =
  /\.(py|pyi|pyx|ipynb|ts|mts|cts|tsx|js|mjs|cjs|jsx|sh|bash|zsh|fish|ps1|r|rmd|jl|sql|rb|pl|php|lua|go|rs|c|cc|cpp|h|hpp|java|kt|scala|cs|swift|m|wasm|mk)$/i;
const DATA =
  /\.(csv|tsv|txt|md|json|jsonl|ndjson|ya?ml|toml|ini|cfg|conf|xml|html?|parquet|arrow|feather|avro|orc|pkl|pickle|joblib|npy|npz|h5|hdf5|nc|mat|xlsx?|db|sqlite|zip|gz|bz2|xz|zst|tar|png|jpe?g|gif|svg|tiff?|pdf|wav|mp3|mp4|bin|dat|onnx|pt)$/i;

/**
 * True for the path of a file that holds data and no code, as far as its extension tells. The files that a command names are recorded
 * together with its code; `toy.nodes` is a module, and `scripts/make` may be anything: both count as code.
 */
export function isDataFile(name: string): boolean {
  if (DATA.test(name)) return true;
  return name.includes("/") && /[^/]\.[^./]+$/.test(name) && !CODE.test(name);
}
