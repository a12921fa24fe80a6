"""Settings of the project: Kedro's defaults, with the environments named."""

CONFIG_LOADER_ARGS = {"base_env": "base", "default_run_env": "local"}
