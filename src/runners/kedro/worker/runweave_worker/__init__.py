"""The Kedro worker of runweave: see docs/worker-protocol.md for the contract that it implements."""
