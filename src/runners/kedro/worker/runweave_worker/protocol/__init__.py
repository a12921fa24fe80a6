"""Files and channels through which the worker and its orchestrator speak: see docs/worker-protocol.md."""
