"""Running form: inertial samples to metrics, and metrics to issues. numpy and vqf; no loop, no clock."""
